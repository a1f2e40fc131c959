"""What clients are told over the agent socket (docs/agent-socket.md), from the model.

What they send: `request_wire`.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import ClassVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from openrooms.calling import context_wire
from openrooms.calling.capabilities import Capabilities, Reason
from openrooms.calling.context_wire import CustomContext
from openrooms.calling.diagnostics_wire import Diagnostics
from openrooms.calling.ending_wire import EndView
from openrooms.calling.errors import CallingError
from openrooms.calling.event_wire import Event
from openrooms.calling.features import Features
from openrooms.calling.features_wire import FeaturesView, MediaAccessView, view_of_features
from openrooms.calling.messages_wire import Data, DataClosed, Text
from openrooms.calling.model import Call, EndReason, Leg
from openrooms.calling.watches import CONNECTED, HOLD
from openrooms.http.dates import format_moment
from openrooms.rooms.model import Role

VERSION = 1
LONGEST_MESSAGE = 65_536


class Capability(Struct, rename="camel", frozen=True):
    """Whether something may be done, and why."""

    is_present: bool
    reason: str


class LegView(Struct, rename="camel", frozen=True):
    """A leg as others see it. `state`: ringing, connecting, connected, hold or reconnecting."""

    participant_id: str
    raw_id: str
    display_name: str
    role: str
    state: str


class OwnLeg(LegView, rename="camel", frozen=True):
    """The agent's own leg."""

    capabilities: dict[str, Capability]


class CallView(Struct, rename="camel", frozen=True):
    """A call."""

    call_id: str
    kind: str
    room_id: str
    group_id: str
    server_call_id: str


class Media(Struct, rename="camel", frozen=True):
    """Where the media gate is, and the ticket that opens it."""

    path: str
    ticket: str


class Welcome(Struct, rename="camel", frozen=True):
    """The answer to `hello`. Times are RFC 3339."""

    version: int
    agent_id: str
    raw_id: str
    display_name: str
    expires_on: str
    server_time: str
    next: Media


class Refreshed(Struct, rename="camel", frozen=True):
    """The answer to `refreshToken`."""

    expires_on: str


class Named(Struct, rename="camel", frozen=True):
    """The answer to `name`: the name as others see it."""

    display_name: str


class Done(Struct, frozen=True):
    """The answer of an op that has nothing to tell."""


class Joined(Struct, rename="camel", frozen=True):
    """The answer to `join`: the own leg, and the others whose media is up."""

    call: CallView
    leg: OwnLeg
    legs: list[LegView]
    features: FeaturesView
    media: Media
    next: Media
    ending: EndView | UnsetType = UNSET


class Problem(Struct, rename="camel", frozen=True):
    """Why a request was not done."""

    code: int
    sub_code: int
    message: str


class Answer(Struct, frozen=True, omit_defaults=True):
    """The answer to one request: `ok` or `error`."""

    id: int
    ok: Welcome | Refreshed | Named | Done | Joined | UnsetType = UNSET
    error: Problem | UnsetType = UNSET


class TokenExpiring(Event, kw_only=True):
    """The access token ends soon."""

    name: ClassVar[str] = "tokenExpiring"
    expires_on: str


class SignedOut(Event, kw_only=True):
    """The access token has ended or was revoked; the connection closes."""

    name: ClassVar[str] = "signedOut"
    code: int
    sub_code: int
    message: str


class Snapshot(Event, kw_only=True):
    """A live call as it is, for an agent that came back."""

    name: ClassVar[str] = "snapshot"
    call: CallView
    leg: OwnLeg
    legs: list[LegView]
    features: FeaturesView
    ending: EndView | UnsetType = UNSET


class LegsChanged(Event, kw_only=True):
    """Who came, went or changed. The own leg may be among them.

    `ends`: how those of `removed` ended who were called and never came, by participant id.
    """

    name: ClassVar[str] = "legsChanged"
    call_id: str
    changed: list[LegView]
    removed: list[str]
    ends: dict[str, Problem]


class Caller(Struct, rename="camel", frozen=True):
    """Who calls."""

    raw_id: str
    display_name: str


class Incoming(Event, kw_only=True):
    """Somebody calls this agent's user. `participantId`: the leg that can be accepted."""

    name: ClassVar[str] = "incoming"
    participant_id: str
    call: CallView
    caller: Caller
    custom_context: CustomContext | UnsetType = UNSET


class IncomingEnded(Event, kw_only=True):
    """It rings no more: answered elsewhere, declined, cancelled, or for too long."""

    name: ClassVar[str] = "incomingEnded"
    participant_id: str
    code: int
    sub_code: int
    message: str


class RoleChanged(Event, kw_only=True):
    """The own role or capabilities are others now. `reason`: a word of the SDK."""

    name: ClassVar[str] = "roleChanged"
    call_id: str
    participant_id: str
    role: str
    reason: str
    capabilities: dict[str, Capability]


class FeaturesChanged(Event, kw_only=True):
    """Hands, spotlights or media access are others now: all of them as they are."""

    name: ClassVar[str] = "featuresChanged"
    call_id: str
    hands: list[str]
    spotlights: list[str]
    media_access: MediaAccessView


class Reaction(Event, kw_only=True):
    """Somebody in the call reacts; the one who does is told, too."""

    name: ClassVar[str] = "reaction"
    call_id: str
    raw_id: str
    reaction_type: str


class MutedByOthers(Event, kw_only=True):
    """The microphone of the own leg was muted by another user, of raw id `by`."""

    name: ClassVar[str] = "mutedByOthers"
    call_id: str
    participant_id: str
    by: str


class Ending(Event, kw_only=True):
    """The call will end for everyone at that time. `at` null: it will not, as it looks now."""

    name: ClassVar[str] = "ending"
    call_id: str
    at: str | None
    reason: str


class Ended(Event, kw_only=True):
    """The own leg in a call ended."""

    name: ClassVar[str] = "ended"
    call_id: str
    participant_id: str
    code: int
    sub_code: int
    message: str


EVENTS: tuple[type[Event], ...] = (
    TokenExpiring,
    SignedOut,
    Snapshot,
    LegsChanged,
    Incoming,
    IncomingEnded,
    RoleChanged,
    FeaturesChanged,
    Reaction,
    Diagnostics,
    Data,
    DataClosed,
    Text,
    MutedByOthers,
    Ending,
    Ended,
)

NO_ENDS: Mapping[str, EndReason] = MappingProxyType({})
_encoder = msgspec.json.Encoder()
moment = format_moment


def encode(message: Struct) -> str:
    return _encoder.encode(message).decode()


def encode_refusal(error: CallingError) -> bytes:
    """The body of a refusal at the media gate."""
    return _encoder.encode({"error": problem(error)})


def problem(error: CallingError) -> Problem:
    return Problem(error.code, error.sub_code, error.message)


def view_of_call(call: Call) -> CallView:
    return CallView(
        call.id,
        call.kind.value,
        "" if call.room_id is None else str(call.room_id),
        call.group_id or "",
        call.server_call_id,
    )


def role_text(role: Role | None) -> str:
    """A role as it is told; calls without roles have the word of the SDK for it."""
    return "Unknown" if role is None else role.value


def view_of_leg(leg: Leg, state: str) -> LegView:
    return LegView(
        leg.id, leg.raw_id, leg.display_name, role_text(leg.role), _shown_state(leg, state)
    )


def _shown_state(leg: Leg, state: str) -> str:
    return HOLD if leg.on_hold and state == CONNECTED else state


def own_leg(leg: Leg, state: str) -> OwnLeg:
    return OwnLeg(
        leg.id,
        leg.raw_id,
        leg.display_name,
        role_text(leg.role),
        _shown_state(leg, state),
        _capabilities(leg.capabilities),
    )


def role_changed(leg: Leg, *, before: Leg) -> RoleChanged:
    """What a client is told whose leg was as `before`."""
    same = leg.role is before.role
    return RoleChanged(
        call_id=leg.call_id,
        participant_id=leg.id,
        role=role_text(leg.role),
        reason="MeetingOptionOrOrganizerPolicyChanged" if same else "RoleChanged",
        capabilities=_capabilities(leg.capabilities),
    )


def features_changed(call_id: str, features: Features) -> FeaturesChanged:
    view = view_of_features(features)
    return FeaturesChanged(
        call_id=call_id,
        hands=view.hands,
        spotlights=view.spotlights,
        media_access=view.media_access,
    )


def ended(leg: Leg, reason: EndReason) -> Ended:
    return Ended(
        call_id=leg.call_id,
        participant_id=leg.id,
        code=reason.code,
        sub_code=reason.sub_code,
        message=reason.message,
    )


def signed_out(reason: EndReason) -> SignedOut:
    return SignedOut(code=reason.code, sub_code=reason.sub_code, message=reason.message)


def legs_changed(
    call_id: str,
    changed: Iterable[LegView],
    removed: Iterable[str],
    *,
    ends: Mapping[str, EndReason] = NO_ENDS,
) -> LegsChanged:
    told = {leg_id: _reason(reason) for leg_id, reason in ends.items()}
    return LegsChanged(call_id=call_id, changed=list(changed), removed=list(removed), ends=told)


def _reason(reason: EndReason) -> Problem:
    return Problem(reason.code, reason.sub_code, reason.message)


def incoming(leg: Leg, call: Call, *, caller_name: str) -> Incoming:
    return Incoming(
        participant_id=leg.id,
        call=view_of_call(call),
        caller=Caller(leg.invited_by or "", caller_name),
        custom_context=context_wire.read(call.custom_context),
    )


def incoming_ended(leg: Leg, reason: EndReason) -> IncomingEnded:
    return IncomingEnded(
        participant_id=leg.id,
        code=reason.code,
        sub_code=reason.sub_code,
        message=reason.message,
    )


def _capabilities(capabilities: Capabilities) -> dict[str, Capability]:
    return {
        name: Capability(reason is Reason.CAPABLE, reason.value)
        for name, reason in capabilities.items()
    }
