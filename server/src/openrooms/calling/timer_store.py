"""SQL of timers, nothing else. Every function takes the connection of a transaction."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, Select, bindparam, delete, func, select, text

from openrooms.calling.timing import INTERVALS, MOMENTS, Now, What
from openrooms.storage.instants import EPOCH
from openrooms.storage.schema import timer

# So many are fired in one look; the next ones come at the next.
AT_ONCE = 500
# What is one of all calls has no subject.
ALL = ""

# Both databases say this in the same words; SQLAlchemy has them for each apart only.
_ARM = text(
    "INSERT INTO timer (what, subject, due_at) VALUES (:what, :subject, :due_at)"
    " ON CONFLICT (what, subject) DO UPDATE SET due_at = excluded.due_at"
).bindparams(bindparam("due_at", type_=timer.c.due_at.type))

_KEEP_SERVED = text(
    "INSERT INTO timer (what, subject, due_at) VALUES (:what, :subject, :due_at)"
    " ON CONFLICT (what, subject) DO UPDATE SET due_at = excluded.due_at"
    " WHERE timer.due_at < excluded.due_at"
).bindparams(bindparam("due_at", type_=timer.c.due_at.type))


class Timer(NamedTuple):
    """What happens, to which leg or call, and when."""

    what: What
    subject: str
    due_at: datetime


class Outlook(NamedTuple):
    """The timers that are due, the first first; and when the next moment and interval will be."""

    due: list[Timer]
    moment: datetime | None
    interval: datetime | None


def arm(connection: Connection, what: What, subject: str, *, due_at: datetime) -> None:
    """Have something happen at that time, and not at another it may have been armed for."""
    connection.execute(_ARM, {"what": what.value, "subject": subject, "due_at": due_at})


def disarm(connection: Connection, whats: Collection[What], subject: str) -> None:
    connection.execute(
        delete(timer).where(timer.c.what.in_(_names(whats)), timer.c.subject == subject)
    )


def drop(connection: Connection, done: Timer) -> None:
    """Disarm a timer, unless it was moved."""
    connection.execute(
        delete(timer).where(
            timer.c.what == done.what.value,
            timer.c.subject == done.subject,
            timer.c.due_at == done.due_at,
        )
    )


def armed(connection: Connection, whats: Collection[What], subject: str) -> Mapping[What, datetime]:
    """Those of the timers that a leg or a call has."""
    found = select(timer.c.what, timer.c.due_at).where(
        timer.c.what.in_(_names(whats)), timer.c.subject == subject
    )
    return {What(row.what): row.due_at for row in connection.execute(found)}


def armed_for_all(connection: Connection, what: What) -> Mapping[str, datetime]:
    """Every timer of one sort, by its subject."""
    found = select(timer.c.subject, timer.c.due_at).where(timer.c.what == what.value)
    return {row.subject: row.due_at for row in connection.execute(found)}


def look(connection: Connection, whats: Collection[What], now: Now) -> Outlook:
    """What is due of these, and what will be next."""
    moments, intervals = (frozenset(sort & {*whats}) for sort in (MOMENTS, INTERVALS))
    due = [
        *_due(connection, moments, until=now.clock),
        *_due(connection, intervals, until=now.served),
    ]
    return Outlook(
        due,
        _next(connection, moments, after=now.clock),
        _next(connection, intervals, after=now.served),
    )


def _due(connection: Connection, whats: frozenset[What], *, until: datetime) -> list[Timer]:
    found = connection.execute(_first_due(whats), {"until": until})
    return [Timer(What(row.what), row.subject, row.due_at) for row in found]


def _next(connection: Connection, whats: frozenset[What], *, after: datetime) -> datetime | None:
    at: datetime | None = connection.execute(_nearest(whats), {"after": after}).scalar_one()
    return at


# They are run every few seconds, and to write one takes as long as to run it.
@cache
def _first_due(whats: frozenset[What]) -> Select[str, str, datetime]:
    return (
        select(timer.c.what, timer.c.subject, timer.c.due_at)
        .where(timer.c.what.in_(_names(whats)), timer.c.due_at <= bindparam("until"))
        .order_by(timer.c.due_at, timer.c.subject)
        .limit(AT_ONCE)
    )


@cache
def _nearest(whats: frozenset[What]) -> Select[datetime]:
    return select(func.min(timer.c.due_at)).where(
        timer.c.what.in_(_names(whats)), timer.c.due_at > bindparam("after")
    )


def served(connection: Connection) -> datetime:
    """For how long calls have been served, as it was kept last."""
    return armed_for_all(connection, What.SERVED).get(ALL, EPOCH)


def keep_served(connection: Connection, until: datetime) -> None:
    """Keep that calls were served until then. It never goes back."""
    connection.execute(_KEEP_SERVED, {"what": What.SERVED.value, "subject": ALL, "due_at": until})


def _names(whats: Collection[What]) -> list[str]:
    return sorted(what.value for what in whats)
