"""What a call and a leg are, and every rule about who may be in one. Values and rules, no I/O."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from openrooms.calling.errors import (
    CallFull,
    MalformedRoomId,
    NoSuchRoom,
    NotInvited,
    OutsideWindow,
    SignedOut,
)
from openrooms.media.engine import Grants, Source
from openrooms.rooms.errors import RoomError, RoomNotFound
from openrooms.rooms.model import Role, Room, parse_room_id

MOST_LEGS = 350
# One user may be in a call from several devices; a stale one of a reloaded page may be among them.
MOST_LEGS_OF_A_USER = 5
LONGEST_NAME = 256


class CallKind(StrEnum):
    """How a call came to be."""

    ROOM = "room"
    GROUP = "group"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class EndReason:
    """Why a leg ended, in the codes of the hosted service's calls."""

    code: int
    sub_code: int
    message: str


HUNG_UP = EndReason(0, 0, "The participant hung up.")
JOINED_AGAIN = EndReason(0, 0, "The participant joined again.")
VANISHED = EndReason(0, 4521, "The participant is gone without hanging up.")
REMOVED_FROM_ROSTER = EndReason(0, 5317, "The participant was removed from the room.")
ROOM_DELETED = EndReason(0, 5317, "The room was deleted.")
REVOKED = EndReason(401, 10009, "The access tokens of this user were revoked.")
TOKEN_LAPSED = EndReason(495, 4507, "The access token has expired and was not refreshed.")
NEVER_CONNECTED = EndReason(410, 301004, "The media of this participant never connected.")
MEDIA_LOST = EndReason(410, 301005, "The media of this participant was lost.")
MEDIA_MISUSED = EndReason(403, 0, "The client sent media that its role does not allow.")


@dataclass(frozen=True, slots=True)
class Call:
    """One call. At most one of a room is live at any time."""

    id: str
    resource_id: str
    kind: CallKind
    room_id: int | None
    server_call_id: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Leg:
    """One endpoint of one user in one call. `version` rises with every change of what it may do."""

    id: str
    call_id: str
    resource_id: str
    raw_id: str
    generation: int
    display_name: str
    role: Role
    agent_id: str
    version: int
    connected: bool
    joined_at: datetime
    end: EndReason | None = None

    @property
    def seat(self) -> str:
        """The leg's identity at the media engine."""
        return f"{self.raw_id}~{self.id}"

    @property
    def grants(self) -> Grants:
        return grants(self.role)


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


def clean_name(name: str) -> str:
    """A display name as others may see it: no control characters, at most 256 characters."""
    shown = "".join(letter for letter in name if letter.isprintable())
    return shown.strip()[:LONGEST_NAME]


@dataclass(frozen=True, slots=True)
class Door:
    """All that the decision about a join looks at, read in one transaction."""

    room: Room | None
    role: Role | None
    signed_in: bool
    live_legs: int
    most_legs: int = MOST_LEGS


def admit(door: Door, now: datetime, *, leaving: int = 0) -> Role:
    """The role in which the caller may come in. Raises the `JoinRefused` that says why not.

    `leaving`: how many of the live legs give way to him.
    """
    if not door.signed_in:
        raise SignedOut
    if door.room is None:
        raise NoSuchRoom
    if door.role is None:
        raise NotInvited
    if not door.room.window.admits(now):
        raise OutsideWindow
    if door.live_legs - leaving >= door.most_legs:
        raise CallFull
    return door.role


@dataclass(frozen=True, slots=True)
class Ground:
    """What a live leg stands on now. The window does not count: a live leg stays beyond it."""

    room_exists: bool
    role: Role | None
    signed_in: bool


def fall(ground: Ground) -> EndReason | None:
    """Why a live leg has to end; None while it stands."""
    if not ground.signed_in:
        return REVOKED
    if not ground.room_exists:
        return ROOM_DELETED
    if ground.role is None:
        return REMOVED_FROM_ROSTER
    return None


def grants(role: Role) -> Grants:
    """What the engine lets a role do."""
    return Grants(sources=_SOURCES[role])


_TALK = frozenset({Source.CAMERA, Source.MICROPHONE})
_SOURCES = {
    Role.PRESENTER: frozenset(Source),
    Role.COLLABORATOR: frozenset(Source),
    Role.ATTENDEE: _TALK,
    Role.CONSUMER: frozenset[Source](),
}
