"""What a call and a leg are, and every rule about who may be in one. Values and rules, no I/O."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from openrooms.calling.capabilities import CallKind, Capabilities
from openrooms.calling.errors import (
    BadCallees,
    CallFull,
    CallingError,
    JoinRefused,
    MalformedGroupId,
    MalformedRoomId,
    NoSuchRoom,
    NotInvited,
    OutsideWindow,
    SignedOut,
    StartNotAllowed,
)
from openrooms.kernel.identifiers import CommunicationUser, is_guid, parse_user
from openrooms.media.engine import Grants
from openrooms.rooms.errors import RoomError, RoomNotFound
from openrooms.rooms.model import Role, Room, parse_room_id

MOST_LEGS = 350
# One user may be in a call from several devices; a stale one of a reloaded page may be among them.
MOST_LEGS_OF_A_USER = 5
LONGEST_NAME = 256
HELD = Grants(frozenset(), subscribe=False)
# Who is away for less than this may come back to a call whose room is over.
SHORT_ABSENCE = timedelta(seconds=60)


class LegState(StrEnum):
    """A leg rings until one of its user's agents accepts; one that came by itself has joined."""

    RINGING = "ringing"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class EndReason:
    """Why a leg ended, in the codes of the hosted service's calls."""

    code: int
    sub_code: int
    message: str


def reason_of(error: CallingError | type[CallingError]) -> EndReason:
    """What is told of an error, to be kept."""
    return EndReason(error.code, error.sub_code, error.message)


HUNG_UP = EndReason(0, 0, "The participant hung up.")
JOINED_AGAIN = EndReason(0, 0, "The participant joined again.")
VANISHED = EndReason(0, 4521, "The participant is gone without hanging up.")
OTHER_LEFT = EndReason(0, 0, "The other participant left.")
OTHER_NEVER_CAME = EndReason(408, 10057, "The other side never finished its set-up.")
ENDED_FOR_ALL = EndReason(0, 4097, "The call was ended for everyone.")
REMOVED_BY_OTHER = EndReason(0, 5300, "Another participant removed this one.")
CANCELLED = EndReason(487, 0, "The caller cancelled the call.")
ANSWERED_ELSEWHERE = EndReason(487, 10003, "The call was answered at another endpoint.")
NO_ANSWER = EndReason(487, 10004, "The call was not answered in time.")
DECLINED_BY_ALL = EndReason(487, 10024, "All endpoints of the callee declined.")
DECLINED = EndReason(603, 0, "The callee declined.")
UNREACHABLE = EndReason(480, 10037, "The callee has no endpoint that could ring.")
REMOVED_FROM_ROSTER = EndReason(0, 5317, "The participant was removed from the room.")
ROOM_DELETED = EndReason(0, 5317, "The room was deleted.")
REVOKED = EndReason(401, 10009, "The access tokens of this user were revoked.")
TOKEN_LAPSED = EndReason(495, 4507, "The access token has expired and was not refreshed.")
NEVER_CONNECTED = EndReason(410, 301004, "The media of this participant never connected.")
MEDIA_LOST = EndReason(410, 301005, "The media of this participant was lost.")
TIME_OVER = EndReason(0, 7000, "The time of the room is over.")
TOO_LONG = EndReason(429, 10110, "The call has lasted as long as a call may.")
MEDIA_MISUSED = EndReason(403, 0, "The client sent media that its role does not allow.")


@dataclass(frozen=True, slots=True)
class Call:
    """One call. At most one of a room, or of a group id, is live at any time.

    `two_party`: it was started with one other user, and nobody was added since.
    `attendees_audio`, `attendees_video`: whether attendees may speak and show themselves.
    `started_by`, `started_role`: who was the first in it; None for a call of old.
    `custom_context`: JSON of the caller's app, for the apps of those who are called.
    """

    id: str
    resource_id: str
    kind: CallKind
    server_call_id: str
    started_at: datetime
    room_id: int | None = None
    group_id: str | None = None
    two_party: bool = False
    attendees_audio: bool = True
    attendees_video: bool = True
    started_by: str | None = None
    started_role: Role | None = None
    custom_context: str | None = None


@dataclass(frozen=True, slots=True)
class MediaAccess:
    """Whether somebody may speak and show himself, as it is wished; None: as it is."""

    audio: bool | None = None
    video: bool | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """What a user has done or was allowed in a call, from whichever endpoint.

    `hand`, `spotlight`: his place in the line of raised hands, of spotlights; None: in neither.
    `audio`, `video`: None: as the call has it.
    """

    raw_id: str
    hand: int | None = None
    spotlight: int | None = None
    audio: bool | None = None
    video: bool | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """One endpoint of one user in one call. `version` rises with every change of what it may do.

    `role`: None in calls that have none. While it rings it belongs to no agent. `user_agent`: what its
    program calls itself.
    """

    id: str
    call_id: str
    resource_id: str
    raw_id: str
    generation: int
    display_name: str
    role: Role | None
    agent_id: str
    version: int
    connected: bool
    joined_at: datetime
    capabilities: Capabilities
    state: LegState = LegState.JOINED
    on_hold: bool = False
    invited_by: str | None = None
    end: EndReason | None = None
    user_agent: str = ""

    @property
    def seat(self) -> str:
        """The leg's identity at the media engine."""
        return f"{self.raw_id}~{self.id}"

    @property
    def grants(self) -> Grants:
        """What the engine lets the leg do now. One that holds neither sends nor receives."""
        return HELD if self.on_hold else self.capabilities.grants


class Place(NamedTuple):
    """Where one who is connected in a call is reached: his leg, and whose agent's it is."""

    leg_id: str
    raw_id: str
    agent_id: str


def leg_of_seat(seat: str) -> str:
    """The participant id in an identity at the media engine; empty when there is none."""
    return seat.rpartition("~")[2] if "~" in seat else ""


def room_number(text: str) -> int:
    """The number of a room id. Raises `MalformedRoomId`, or `NoSuchRoom` for one never given out."""
    try:
        return parse_room_id(text)
    except RoomNotFound as error:
        raise NoSuchRoom from error
    except RoomError as error:
        raise MalformedRoomId from error


def group_id(text: str) -> str:
    """A group id as it is compared: a GUID in lower case. Raises `MalformedGroupId`."""
    if not is_guid(text):
        raise MalformedGroupId
    return text.lower()


def callees(raw_ids: Sequence[str], *, caller: CommunicationUser, most: int) -> list[str]:
    """Whom a caller wants to reach, each once. Raises `BadCallees`, or `CallFull` for too many.

    Users of the caller's own resource alone, and not himself. Whether they exist is not asked: one
    who does not is like one who cannot be reached.
    """
    wanted = list(dict.fromkeys(raw_ids))
    users = [parse_user(raw_id) for raw_id in wanted]
    if not wanted or any(
        user is None or user.resource != caller.resource or user == caller for user in users
    ):
        raise BadCallees
    if len(wanted) > most:
        raise CallFull
    return wanted


def clean_name(name: str) -> str:
    """A display name as others may see it: no control characters, at most 256 characters."""
    shown = "".join(letter for letter in name if letter.isprintable())
    return shown.strip()[:LONGEST_NAME]


class LastStay(NamedTuple):
    """How a user was last in a call. `left_at`: None while he is in it."""

    left_at: datetime | None
    end_code: int | None
    end_sub_code: int | None


# Who ended so may come back to a running call after the end of its room's window, within a minute.
_NOT_PUT_OUT = frozenset(
    (reason.code, reason.sub_code)
    for reason in (HUNG_UP, VANISHED, NEVER_CONNECTED, MEDIA_LOST, TOKEN_LAPSED)
)


@dataclass(frozen=True, slots=True)
class Door:
    """All that the decision about a join looks at, read in one transaction.

    `comes_back`: the user was in the running call a moment ago, or is.
    """

    room: Room | None
    role: Role | None
    signed_in: bool
    live_legs: int
    most_legs: int = MOST_LEGS
    comes_back: bool = False


def comes_back(last: "LastStay | None", now: datetime) -> bool:
    """Whether a user who was in the running call was away for so short that he still belongs there.

    Who was put out does not.
    """
    if last is None or last.left_at is None:
        return last is not None
    left_itself = (last.end_code, last.end_sub_code) in _NOT_PUT_OUT
    return left_itself and timedelta() <= now - last.left_at < SHORT_ABSENCE


def giving_way(elsewhere: int) -> int:
    """How many of a user's legs at other endpoints give way when he joins at one more."""
    return max(0, elsewhere - MOST_LEGS_OF_A_USER + 1)


class Visit(NamedTuple):
    """Somebody at a door at a moment. `leaving`: how many of the live legs give way to him."""

    door: Door
    at: datetime
    leaving: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that must hold of whoever comes in, and what he is told when it does not."""

    name: str
    holds: Callable[[Visit], bool]
    refusal: type[JoinRefused]


def _is_open(visit: Visit) -> bool:
    room, at = visit.door.room, visit.at
    return room is not None and (
        room.window.admits(at) or (at >= room.window.valid_until and visit.door.comes_back)
    )


def _has_seat(visit: Visit) -> bool:
    return visit.door.live_legs - visit.leaving < visit.door.most_legs


# In the order in which they are asked.
RULES = (
    Rule("signedIn", lambda visit: visit.door.signed_in, SignedOut),
    Rule("roomExists", lambda visit: visit.door.room is not None, NoSuchRoom),
    Rule("invited", lambda visit: visit.door.role is not None, NotInvited),
    Rule("windowOpen", _is_open, OutsideWindow),
    Rule("seatFree", _has_seat, CallFull),
)


def judge(visit: Visit) -> Rule | None:
    """The first rule that keeps the visitor out; None: he may come in."""
    return next((rule for rule in RULES if not rule.holds(visit)), None)


def admit(door: Door, now: datetime, *, leaving: int = 0) -> Role:
    """The role in which the caller may come in. Raises the `JoinRefused` that says why not.

    `leaving`: how many of the live legs give way to him.
    """
    broken = judge(Visit(door, now, leaving))
    if broken is not None or door.role is None:
        raise NotInvited if broken is None else broken.refusal
    return door.role


@dataclass(frozen=True, slots=True)
class GroupDoor:
    """What the decision about a join by group id looks at. Whoever knows the id may come.

    `may_open`: whether the token lets its user begin a call that is not there yet.
    """

    signed_in: bool
    is_there: bool
    may_open: bool
    live_legs: int
    most_legs: int = MOST_LEGS


def admit_to_group(door: GroupDoor, *, leaving: int = 0) -> None:
    """Raise the `JoinRefused` that says why the caller may not come in, if he may not."""
    if not door.signed_in:
        raise SignedOut
    if not door.is_there and not door.may_open:
        raise StartNotAllowed
    if door.live_legs - leaving >= door.most_legs:
        raise CallFull


@dataclass(frozen=True, slots=True)
class Ground:
    """What a live leg stands on now. The window does not count: a live leg stays beyond it.

    `room_exists` and `role` are looked at in rooms alone.
    """

    kind: CallKind
    signed_in: bool
    room_exists: bool = False
    role: Role | None = None


def fall(ground: Ground) -> EndReason | None:
    """Why a live leg has to end; None while it stands."""
    if not ground.signed_in:
        return REVOKED
    if ground.kind is not CallKind.ROOM:
        return None
    if not ground.room_exists:
        return ROOM_DELETED
    if ground.role is None:
        return REMOVED_FROM_ROSTER
    return None
