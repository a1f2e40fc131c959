"""What clients send over the agent socket (docs/agent-socket.md)."""

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Struct

from openrooms.calling.context_wire import CustomContext
from openrooms.calling.diagnostics_wire import Diagnoses
from openrooms.calling.errors import BadMessage
from openrooms.calling.surveys.ratings_wire import Ratings

MOST_NAMED = 350
LONGEST_TEXT = 1024
# Of what participants write to each other.
LARGEST_DATA = 32 * 1024
LONGEST_WORDS = 2_000
MOST_CHANNELS = 65_535
MOST_RECIPIENTS = 64
RawIds: TypeAlias = Annotated[list[str], msgspec.Meta(max_length=MOST_NAMED)]
Ticket: TypeAlias = Annotated[str, msgspec.Meta(max_length=64)]
ChannelId: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=MOST_CHANNELS)]
# A number that the client counts up by itself.
Counted: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**32 - 1)]
Reliability: TypeAlias = Literal["Durable", "Lossy"]
Priority: TypeAlias = Literal["High", "Normal"]


class Request(Struct, rename="camel", frozen=True):
    """What every request has."""

    id: int
    op: str


class Hello(Request, frozen=True):
    """The first message: who speaks. `agentId` when an agent comes back."""

    version: int
    token: str
    display_name: str = ""
    agent_id: str | None = None


class RefreshToken(Request, frozen=True):
    """A newer access token of the same user."""

    token: str


class Ping(Request, frozen=True):
    """Nothing but a sign of life."""


class Goodbye(Request, frozen=True):
    """The agent leaves every call and goes."""


class Join(Request, frozen=True):
    """Join the call of a room or of a group id: exactly one. `joinId` makes it repeatable.

    `ticket`: the one that was told for the next call, if the media gate is opened with it already.
    """

    join_id: str
    ticket: Ticket | None = None
    room_id: str | None = None
    group_id: str | None = None


class Start(Request, frozen=True):
    """Begin a call with one other user, or with several. `joinId` and `ticket` as in `join`."""

    join_id: str
    raw_ids: RawIds
    ticket: Ticket | None = None
    custom_context: CustomContext | None = None


class Accept(Request, frozen=True):
    """Take a leg that rings. `joinId` and `ticket` as in `join`."""

    participant_id: str
    join_id: str
    ticket: Ticket | None = None


class Reject(Request, frozen=True):
    """Decline a leg that rings, at this agent."""

    participant_id: str


class Add(Request, frozen=True):
    """Ring others into a call."""

    call_id: str
    raw_ids: RawIds


class Remove(Request, frozen=True):
    """Take a user out of a call."""

    call_id: str
    raw_id: str


class End(Request, frozen=True):
    """End a call for everyone."""

    call_id: str


class Mute(Request, frozen=True):
    """Mute microphones: of these users, or of all others."""

    call_id: str
    raw_ids: RawIds | None


class RaiseHand(Request, frozen=True):
    """Raise the own hand."""

    call_id: str


class LowerHands(Request, frozen=True):
    """Lower hands: of these users, or all."""

    call_id: str
    raw_ids: RawIds | None


class Spotlight(Request, frozen=True):
    """Show these users to everyone, or (`on` false) no more; null: all of them no more."""

    call_id: str
    raw_ids: RawIds | None
    on: bool


class React(Request, frozen=True):
    """Show a reaction to everyone."""

    call_id: str
    reaction_type: Literal["applause", "heart", "laugh", "like", "surprised"]


class Diagnose(Request, frozen=True):
    """Tell the others how the own network and devices are."""

    call_id: str
    diagnostics: Diagnoses


class GiveMediaAccess(Request, frozen=True):
    """Let attendees speak or show themselves, or not: these, or all. What is left out stays."""

    call_id: str
    raw_ids: RawIds | None
    audio: bool | None = None
    video: bool | None = None


class Hold(Request, frozen=True):
    """Hold the own leg, or (`on` false) go on."""

    call_id: str
    on: bool


class Name(Request, frozen=True):
    """Give the agent's legs another display name."""

    display_name: Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]


class SendData(Request, frozen=True):
    """A message of a data channel: to these users, or (null) to everyone.

    `session`: of the sender, so that a channel opened anew is told from the one before.
    `sequence`: of the message in its session. `data`: at most 32 KiB, as base64.
    """

    call_id: str
    channel_id: ChannelId
    session: Counted
    sequence: Counted
    reliability: Reliability
    priority: Priority
    raw_ids: Annotated[list[str], msgspec.Meta(min_length=1, max_length=MOST_RECIPIENTS)] | None
    data: Annotated[bytes, msgspec.Meta(max_length=LARGEST_DATA)]


class CloseData(Request, frozen=True):
    """A session of a data channel is over: nothing more comes of it."""

    call_id: str
    channel_id: ChannelId
    session: Counted


class SendText(Request, frozen=True):
    """What somebody writes, as far as he has come; `final`: he is done with it.

    `sequence`: of the text among the client's own, the same until it is final.
    """

    call_id: str
    sequence: Counted
    text: Annotated[str, msgspec.Meta(max_length=LONGEST_WORDS)]
    final: bool


class Survey(Request, frozen=True):
    """What somebody thinks of a call, which may be over. `surveyId` (a GUID) makes it repeatable.

    `participantId`: of his endpoint in the call; null of a call that he never got into.
    """

    survey_id: str
    participant_id: str | None
    ratings: Ratings


class Leave(Request, frozen=True):
    """End the agent's leg in a call."""

    call_id: str


OPS: dict[str, type[Request]] = {
    "hello": Hello,
    "refreshToken": RefreshToken,
    "ping": Ping,
    "goodbye": Goodbye,
    "join": Join,
    "leave": Leave,
    "start": Start,
    "accept": Accept,
    "reject": Reject,
    "add": Add,
    "remove": Remove,
    "end": End,
    "mute": Mute,
    "raiseHand": RaiseHand,
    "lowerHands": LowerHands,
    "spotlight": Spotlight,
    "react": React,
    "diagnose": Diagnose,
    "mediaAccess": GiveMediaAccess,
    "hold": Hold,
    "name": Name,
    "sendData": SendData,
    "closeData": CloseData,
    "sendText": SendText,
    "survey": Survey,
}
# What participants write to each other: limited apart from what they ask of the server.
MESSAGES = (SendData, CloseData, SendText)


_any = msgspec.json.Decoder(Request)
_decoders = {op: msgspec.json.Decoder(shape) for op, shape in OPS.items()}


def decode_request(text: str) -> Request:
    """One message of a client. Raises `UnreadableRequest`, or `BadMessage` when it has no id."""
    try:
        envelope = _any.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise BadMessage(
            "The message is not a JSON object with a whole number id and an op."
        ) from error
    decoder = _decoders.get(envelope.op)
    if decoder is None:
        raise UnreadableRequest(envelope.id, f"There is no op {envelope.op[:64]!r}.")
    try:
        return decoder.decode(text)
    except msgspec.MsgspecError as error:
        raise UnreadableRequest(envelope.id, str(error)[:256]) from error


class UnreadableRequest(BadMessage):
    """A request that can be answered, by its id, but not done."""

    def __init__(self, request_id: int, message: str) -> None:
        super().__init__(message)
        self.request_id = request_id
