"""What is kept of calls: values and rules, no I/O."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

from openrooms.calling.capabilities import CallKind
from openrooms.calling.model import EndReason
from openrooms.rooms.model import Role

# So many refused joins of one user are kept one by one in such a time; the others are counted.
MOST_REFUSALS = 20
REFUSALS_IN = timedelta(hours=1)
LONGEST_PLACE = 36

T = TypeVar("T")
K = TypeVar("K")


class Place(NamedTuple):
    """Where somebody wanted to be: a room or a group, by its id as it was said."""

    kind: CallKind
    id: str


def told_place(text: str) -> str:
    """What is kept of an id that is none: so much of it as an id may have, as far as it can be shown."""
    return "".join(letter for letter in text[:LONGEST_PLACE] if letter.isprintable())


@dataclass(frozen=True, slots=True)
class Refusal:
    """A join that was refused. `more`: of the user's, how many more soon after are only counted."""

    resource_id: str
    raw_id: str
    place: Place
    refused_at: datetime
    reason: EndReason
    more: int = 0


@dataclass(frozen=True, slots=True)
class KeptCall:
    """A call on record; one that goes on has no end."""

    id: str
    kind: CallKind
    room_id: int | None
    group_id: str | None
    server_call_id: str
    started_at: datetime
    ended_at: datetime | None
    end: EndReason | None


@dataclass(frozen=True, slots=True)
class KeptLeg:
    """One endpoint of one user in a call on record.

    `answered`: it did not only ring. `connected`: its media came up.
    """

    id: str
    raw_id: str
    display_name: str
    role: Role | None
    invited_by: str | None
    answered: bool
    connected: bool
    joined_at: datetime
    ended_at: datetime | None
    end: EndReason | None


class Anchor(NamedTuple):
    """The row at which a page ends: calls by their start, legs by their joining."""

    at: datetime
    id: str


class Page(NamedTuple, Generic[T, K]):
    """Part of a list. `next`: where it goes on; None at its end."""

    value: tuple[T, ...]
    next: K | None


def known_reason(code: int | None, sub_code: int | None, message: str | None) -> EndReason | None:
    """An end as it was kept; None for what goes on. Ends of old calls have no words."""
    if code is None or sub_code is None:
        return None
    return EndReason(code, sub_code, message or "")
