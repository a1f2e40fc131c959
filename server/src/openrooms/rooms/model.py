"""What a room is: its window, its roster, its roles. Values and rules, no I/O.

What is made for each row or request is a named tuple, at half the price of a frozen dataclass.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count
from types import MappingProxyType
from typing import NamedTuple

from openrooms.rooms.errors import (
    EndsInThePast,
    FirstSentTooFarOff,
    InvalidRoomId,
    InvalidRoomIdLength,
    RoomNotFound,
    RosterFull,
    StartsTooLate,
    WindowTooLong,
)

LONGEST_WINDOW = timedelta(days=180)
REPEAT_TOLERANCE = timedelta(minutes=5)
REPEAT_MEMORY = timedelta(hours=24)

SHORTEST_ID, LONGEST_ID = 15, 18
_NOTHING = timedelta()


@dataclass(frozen=True, slots=True)
class Limits:
    """What the operator of a server may set."""

    longest_window: timedelta = LONGEST_WINDOW
    # The window of a room whose end is not said.
    default_window: timedelta = LONGEST_WINDOW
    # How long a room that has ended can still be read, and opened again.
    grace: timedelta = timedelta(days=30)
    roster: int = 350
    rooms_page: int = 30
    # A roster of the usual size is one page.
    participants_page: int = 350


DEFAULT_LIMITS = Limits()


class Role(StrEnum):
    """What a participant may do in the room's call."""

    PRESENTER = "Presenter"
    ATTENDEE = "Attendee"
    CONSUMER = "Consumer"
    COLLABORATOR = "Collaborator"


_ROLES = {role.value.lower(): role for role in Role}


class Window(NamedTuple):
    """When a room may be joined: from `valid_from` up to, not including, `valid_until`."""

    valid_from: datetime
    valid_until: datetime

    def admits(self, at: datetime) -> bool:
        return self.valid_from <= at < self.valid_until


class Room(NamedTuple):
    """A room of a resource. Who is invited stands in its roster."""

    id: int
    resource_id: str
    created_at: datetime
    window: Window
    pstn_dial_out_enabled: bool


class Invitation(NamedTuple):
    """One participant of a roster. Rosters are listed by `position`."""

    raw_id: str
    role: Role
    position: int


class NewRoom(NamedTuple):
    """What a caller asks for when creating a room. None: not said."""

    valid_from: datetime | None = None
    valid_until: datetime | None = None
    pstn_dial_out_enabled: bool = False
    participants: Mapping[str, Role] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class RoomChange:
    """What a caller asks for when updating a room. None: leave as it is."""

    valid_from: datetime | None = None
    valid_until: datetime | None = None
    pstn_dial_out_enabled: bool | None = None

    @property
    def is_empty(self) -> bool:
        return self == RoomChange()


@dataclass(frozen=True, slots=True)
class RosterChange:
    """What a roster change comes to: rows to add, rows with another role, raw ids to remove.

    `former`: the roles until then of those who are changed or removed.
    """

    added: tuple[Invitation, ...]
    changed: tuple[Invitation, ...]
    removed: tuple[str, ...]
    former: Mapping[str, Role]

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The last room of a page; the next page goes on after it."""

    created_at: datetime
    room_id: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some rooms, newest first, and where the next page starts; None: there is none."""

    rooms: tuple[Room, ...]
    next: Anchor | None


@dataclass(frozen=True, slots=True)
class RosterPage:
    """Some participants, in order, and the position the next page starts after; None: the last."""

    participants: tuple[Invitation, ...]
    next: int | None


class Repeat(NamedTuple):
    """A request that may be sent again: its id, and a digest of all that it asks for."""

    request_id: str
    digest: bytes


class Answer(NamedTuple):
    """What was answered to a repeatable request, to be answered again."""

    status: int
    body: bytes
    location: str = ""

    @property
    def is_refusal(self) -> bool:
        return not self.location


def parse_room_id(text: str) -> int:
    """The id that `text` stands for, checked before anything is converted to a number."""
    if not SHORTEST_ID <= len(text) <= LONGEST_ID:
        raise InvalidRoomIdLength
    if not (text.isascii() and text.isdigit()):
        raise InvalidRoomId
    if text.startswith("0"):
        # Ids never begin with 0; as a number it would be another name of an existing room.
        raise RoomNotFound
    return int(text)


def parse_role(text: str) -> Role | None:
    """The role that `text` names, in any letter case; None when it names none."""
    return _ROLES.get(text.lower())


def check_window(
    now: datetime,
    valid_from: datetime | None,
    valid_until: datetime | None,
    *,
    longest: timedelta = LONGEST_WINDOW,
) -> None:
    """Refuse what is wrong with the given ends, in the order in which the service reports it."""
    _check_ends(now, valid_from, valid_until, longest=longest)
    if valid_from is not None and valid_until is not None:
        _span(valid_from, valid_until, longest)


def choose_window(
    now: datetime,
    valid_from: datetime | None,
    valid_until: datetime | None,
    *,
    limits: Limits = DEFAULT_LIMITS,
) -> Window:
    """The window of a new room: what the caller left out is filled in."""
    longest = limits.longest_window
    _check_ends(now, valid_from, valid_until, longest=longest)
    if valid_until is not None:
        return _span(valid_from or now, valid_until, longest)
    # Hosted service: a default end counts from the request and is not measured against the
    # start (docs/compat/rooms.md).
    window = Window(valid_from or now, now + limits.default_window)
    if window.valid_from >= window.valid_until:
        raise WindowTooLong(longest.days)
    return window


def change_window(
    window: Window, change: RoomChange, longest: timedelta = LONGEST_WINDOW
) -> Window:
    """The window with the given ends in place of the stored ones. `check_window` comes first."""
    if change.valid_from is None and change.valid_until is None:
        return window
    valid_from = change.valid_from or window.valid_from
    return _span(valid_from, change.valid_until or window.valid_until, longest)


def invite(wishes: Mapping[str, Role], limit: int) -> tuple[Invitation, ...]:
    """The roster of a new room."""
    if len(wishes) > limit:
        raise RosterFull(limit)
    return tuple(map(Invitation, wishes, wishes.values(), count()))


def change_roster(
    roster: Sequence[Invitation], wishes: Mapping[str, Role | None], limit: int
) -> RosterChange:
    """What to write so that the roster is as wished: a role sets or adds, None removes."""
    stored = {invitation.raw_id: invitation for invitation in roster}
    position = max((invitation.position for invitation in roster), default=-1) + 1
    added: list[Invitation] = []
    changed: list[Invitation] = []
    for raw_id, role in wishes.items():
        if role is None:
            continue
        known = stored.get(raw_id)
        if known is None:
            added.append(Invitation(raw_id, role, position + len(added)))
        elif known.role is not role:
            changed.append(Invitation(raw_id, role, known.position))
    removed = tuple(raw_id for raw_id in wishes if wishes[raw_id] is None and raw_id in stored)
    # Where the limit was lowered, a roster above it may still shrink.
    if len(added) > len(removed) and len(stored) + len(added) - len(removed) > limit:
        raise RosterFull(limit)
    touched = [*(one.raw_id for one in changed), *removed]
    former = {raw_id: stored[raw_id].role for raw_id in touched}
    return RosterChange(tuple(added), tuple(changed), removed, former)


def check_first_sent(now: datetime, first_sent: datetime) -> None:
    """A repeatable request must be near our time: a record of it is not kept for ever."""
    if abs(now - first_sent) > REPEAT_TOLERANCE:
        raise FirstSentTooFarOff


def _check_ends(
    now: datetime, valid_from: datetime | None, valid_until: datetime | None, *, longest: timedelta
) -> None:
    if valid_from is not None and valid_from - now > longest:
        raise StartsTooLate(longest.days)
    if valid_until is not None and valid_until < now:
        raise EndsInThePast


def _span(valid_from: datetime, valid_until: datetime, longest: timedelta) -> Window:
    if not _NOTHING < valid_until - valid_from <= longest:
        raise WindowTooLong(longest.days)
    return Window(valid_from, valid_until)
