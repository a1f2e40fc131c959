"""The SQL of events. Every function takes the connection of a transaction."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from openrooms.events.model import Event, KeptEvent, Page
from openrooms.kernel.ids import new_event_id
from openrooms.storage.once import insert_once
from openrooms.storage.schema import delivery, event, event_count, webhook
from openrooms.storage.statements import Statement

COUNT_AT_ONCE, DROP_AT_ONCE = 500, 500
_WAITS = exists().where(
    delivery.c.event_number == event.c.number,
    delivery.c.dead_at.is_(None),
    delivery.c.webhook_id.in_(select(webhook.c.id)),
)

# Statements are built once: that costs several times as much as running them.
_ADD = Statement(
    insert(event), "resource_id", "id", "ordering_key", "type", "subject", "data", "happened_at"
)
_TO_COUNT = Statement(
    select(event.c.number)
    .where(event.c.resource_id == bindparam("of_resource"), event.c.sequence.is_(None))
    .limit(1),
    "of_resource",
)
_NUMBER_IT = (
    update(event)
    .where(event.c.number == bindparam("of_number"))
    .values(sequence=bindparam("new_sequence"))
)
# What a `KeptEvent` is made of, in its order.
KEPT = (
    event.c.resource_id,
    event.c.sequence,
    event.c.id,
    event.c.type,
    event.c.subject,
    event.c.data,
    event.c.happened_at,
)
_KEPT = select(*KEPT)


class Counted(NamedTuple):
    """An event that has just been given its sequence."""

    number: int
    ordering_key: str
    type: str


def add(connection: Connection, new: Event) -> None:
    """Write that something has happened, in the transaction in which it does."""
    resource_id, ordering_key, kind, subject, data, at = new
    _ADD.run(connection, resource_id, new_event_id(), ordering_key, kind, subject, data, at)


def has_uncounted(connection: Connection, resource_id: str) -> bool:
    """Whether there is an event of the resource without a sequence."""
    return _TO_COUNT.row(connection, resource_id) is not None


def hold_count(connection: Connection, resource_id: str) -> int:
    """The last sequence given to events of the resource, held until the transaction ends."""
    known = select(event_count.c.last).where(event_count.c.resource_id == resource_id)
    last: int | None = connection.execute(known.with_for_update()).scalar()
    if last is None:
        first = insert_once(event_count, "resource_id")
        connection.execute(first, {"resource_id": resource_id, "last": 0})
        last = connection.execute(known.with_for_update()).scalar_one()
    return last


def count(connection: Connection, resource_id: str) -> list[Counted]:
    """Give some events of the resource their sequence, in the order of commits; which.

    An order of its own is needed on PostgreSQL, where a row may be committed after one that has a
    higher number.
    """
    last = hold_count(connection, resource_id)
    found = select(event.c.number, event.c.ordering_key, event.c.type).where(
        event.c.resource_id == resource_id, event.c.sequence.is_(None)
    )
    rows = connection.execute(found.order_by(event.c.number).limit(COUNT_AT_ONCE))
    counted = [Counted(*row) for row in rows]
    if counted:
        given = [
            {"of_number": one.number, "new_sequence": sequence}
            for sequence, one in enumerate(counted, start=last + 1)
        ]
        connection.execute(_NUMBER_IT, given)
        raised = update(event_count).where(event_count.c.resource_id == resource_id)
        connection.execute(raised.values(last=last + len(counted)))
    return counted


def list_events(connection: Connection, resource_id: str, *, after: int, size: int) -> Page:
    """A page of the resource's events that come after a sequence."""
    found = _KEPT.where(event.c.resource_id == resource_id, event.c.sequence > after)
    rows = connection.execute(found.order_by(event.c.sequence).limit(size + 1)).all()
    kept = tuple(KeptEvent(*row) for row in rows[:size])
    return Page(kept, kept[-1].sequence if len(rows) > size else None)


def latest(connection: Connection, resource_id: str, size: int) -> tuple[KeptEvent, ...]:
    """The last events of the resource, the latest first."""
    found = _KEPT.where(event.c.resource_id == resource_id, event.c.sequence.is_not(None))
    rows = connection.execute(found.order_by(event.c.sequence.desc()).limit(size))
    return tuple(KeptEvent(*row) for row in rows)


def find(connection: Connection, resource_id: str, sequence: int) -> KeptEvent | None:
    """One event of the resource."""
    found = _KEPT.where(event.c.resource_id == resource_id, event.c.sequence == sequence)
    row = connection.execute(found).one_or_none()
    return None if row is None else KeptEvent(*row)


def drop(connection: Connection, until: datetime, latest: datetime) -> bool:
    """Drop some events from before `until`, and what was given up of them; whether there may be more.

    The oldest come first; one from later than `latest` goes with them. What is still to be delivered to
    a webhook stays: that ends by itself.
    """
    oldest = select(event.c.number, event.c.happened_at).where(~_WAITS).order_by(event.c.number)
    rows = connection.execute(oldest.limit(DROP_AT_ONCE)).all()
    old = [row.number for row in rows if not until <= row.happened_at <= latest]
    if old:
        connection.execute(delete(delivery).where(delivery.c.event_number.in_(old)))
        connection.execute(delete(event).where(event.c.number.in_(old)))
    return len(old) == DROP_AT_ONCE


def drop_of_resource(connection: Connection, resource_id: str) -> bool:
    """Drop some events of a deleted resource; whether there are more."""
    found = select(event.c.number).where(event.c.resource_id == resource_id)
    # Two indexes, each for some of the rows.
    for part in (event.c.sequence.is_(None), event.c.sequence.is_not(None)):
        some = connection.execute(found.where(part).limit(DROP_AT_ONCE)).scalars().all()
        if some:
            connection.execute(delete(delivery).where(delivery.c.event_number.in_(some)))
            connection.execute(delete(event).where(event.c.number.in_(some)))
            return True
    return False
