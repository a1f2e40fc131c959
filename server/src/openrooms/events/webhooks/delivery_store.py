"""The SQL of deliveries: what webhooks have not taken yet. Each function takes a transaction's connection.

Of the waiting deliveries of a webhook with one ordering key only the first is due at a moment;
the next gets its own when that is done. Who changes any of them holds the resource's count.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from openrooms.events.model import KeptEvent
from openrooms.events.store import KEPT, Counted
from openrooms.events.webhooks.model import GIVEN_UP_AFTER, Failure, Parcel, Undelivered
from openrooms.storage.schema import delivery, event, webhook

REVIVE_AT_ONCE = 500
_UNDELIVERED = (
    select(delivery.c.webhook_id, delivery.c.tries, delivery.c.failure, delivery.c.due_at)
    .add_columns(delivery.c.dead_at, *KEPT)
    .join(event, event.c.number == delivery.c.event_number)
    .join(webhook, webhook.c.id == delivery.c.webhook_id)
)


def queue(
    connection: Connection, resource_id: str, counted: Sequence[Counted], *, now: datetime
) -> None:
    """Queue events for each webhook of their resource that wants them."""
    if not counted:
        return
    wanted = select(webhook.c.id, webhook.c.types).where(webhook.c.resource_id == resource_id)
    for one in connection.execute(wanted).all():
        types = None if one.types is None else frozenset(json.loads(one.types))
        chosen = [each for each in counted if types is None or each.type in types]
        waiting = _keys_in_line(connection, one.id, {each.ordering_key for each in chosen})
        rows = []
        for each in chosen:
            rows.append(_row(each, one.id, now, is_first=each.ordering_key not in waiting))
            waiting.add(each.ordering_key)
        if rows:
            connection.execute(insert(delivery), rows)


def _keys_in_line(connection: Connection, webhook_id: str, keys: set[str]) -> set[str]:
    """Those of the keys of which something waits already."""
    found = select(delivery.c.ordering_key).where(
        delivery.c.webhook_id == webhook_id,
        delivery.c.ordering_key.in_(keys),
        delivery.c.dead_at.is_(None),
    )
    return set(connection.execute(found.distinct()).scalars())


def _row(one: Counted, webhook_id: str, now: datetime, *, is_first: bool) -> dict[str, object]:
    return {
        "event_number": one.number,
        "webhook_id": webhook_id,
        "ordering_key": one.ordering_key,
        "queued_at": now,
        "due_at": now if is_first else None,
        "tries": 0,
        "unreached": False,
    }


def due(connection: Connection, webhook_id: str, now: datetime, *, size: int) -> list[Parcel]:
    """Deliveries that have to be sent now, what is due longest first."""
    # Of what is due later than it can be the clock has been set back since.
    moment = or_(delivery.c.due_at <= now, delivery.c.due_at > now + GIVEN_UP_AFTER)
    found = (
        select(delivery, *KEPT)
        .join(event, event.c.number == delivery.c.event_number)
        .where(delivery.c.webhook_id == webhook_id, delivery.c.due_at.is_not(None), moment)
    )
    rows = connection.execute(found.order_by(delivery.c.due_at, event.c.number).limit(size))
    return [
        Parcel(
            webhook_id,
            row.resource_id,
            row.event_number,
            row.ordering_key,
            row.queued_at,
            row.tries,
            _event(row),
        )
        for row in rows
    ]


def drop(connection: Connection, parcel: Parcel) -> None:
    """It was taken: nothing of it is left to do."""
    connection.execute(delete(delivery).where(*_this(parcel)))


def note(
    connection: Connection,
    parcel: Parcel,
    *,
    tries: int,
    failure: Failure,
    again: datetime | None,
    now: datetime,
) -> None:
    """It was not taken: it is tried again, or (None) given up."""
    connection.execute(
        update(delivery)
        .where(*_this(parcel))
        .values(
            tries=tries,
            due_at=again,
            failure=failure.why,
            unreached=failure.away,
            dead_at=now if again is None else None,
        )
    )


def advance(connection: Connection, parcel: Parcel, now: datetime) -> None:
    """The first that waits with the parcel's ordering key is due, unless it has a moment already."""
    line = (
        delivery.c.webhook_id == parcel.webhook_id,
        delivery.c.ordering_key == parcel.ordering_key,
        delivery.c.dead_at.is_(None),
    )
    first = select(func.min(delivery.c.event_number)).where(*line).scalar_subquery()
    connection.execute(
        update(delivery)
        .where(*line, delivery.c.event_number == first, delivery.c.due_at.is_(None))
        .values(due_at=now)
    )


def hasten(connection: Connection, webhook_id: str, now: datetime) -> None:
    """What did not reach the receiver is due now."""
    connection.execute(
        update(delivery)
        .where(
            delivery.c.webhook_id == webhook_id,
            delivery.c.due_at > now,
            delivery.c.unreached.is_(True),
        )
        .values(due_at=now)
    )


def standing(connection: Connection) -> tuple[int, int, datetime | None]:
    """How many deliveries wait, how many were given up, and since when the oldest waits."""
    waits = delivery.c.dead_at.is_(None)
    counted = select(
        func.count().filter(waits),
        func.count().filter(~waits),
        func.min(delivery.c.queued_at).filter(waits),
    ).join(webhook, webhook.c.id == delivery.c.webhook_id)
    waiting, dead, oldest = connection.execute(counted).one()
    return waiting, dead, oldest


def undelivered(
    connection: Connection, resource_id: str, *, dead: bool, size: int
) -> list[Undelivered]:
    """Deliveries of the resource that wait, or that were given up, in the order of events."""
    some = delivery.c.dead_at.is_not(None) if dead else delivery.c.dead_at.is_(None)
    found = _UNDELIVERED.where(webhook.c.resource_id == resource_id, some)
    rows = connection.execute(found.order_by(event.c.number).limit(size))
    return [_undelivered(row) for row in rows]


def undelivered_of(connection: Connection, resource_id: str, sequence: int) -> list[Undelivered]:
    """The deliveries of one event that are left."""
    found = _UNDELIVERED.where(event.c.resource_id == resource_id, event.c.sequence == sequence)
    return [_undelivered(row) for row in connection.execute(found.order_by(webhook.c.id))]


def resend(
    connection: Connection,
    resource_id: str,
    sequence: int,
    *,
    webhook_ids: Sequence[str],
    now: datetime,
) -> None:
    """Have an event sent to these webhooks now, as if it were new."""
    found = select(event.c.number, event.c.ordering_key, event.c.type).where(
        event.c.resource_id == resource_id, event.c.sequence == sequence
    )
    one = Counted(*connection.execute(found).one())
    connection.execute(
        delete(delivery).where(
            delivery.c.event_number == one.number, delivery.c.webhook_id.in_(webhook_ids)
        )
    )
    rows = [_row(one, webhook_id, now, is_first=True) for webhook_id in webhook_ids]
    if rows:
        connection.execute(insert(delivery), rows)


def revive(connection: Connection, webhook_ids: Sequence[str], now: datetime) -> int:
    """Have some of what was given up sent again, as if it were new; how many."""
    found = (
        select(delivery.c.event_number, delivery.c.webhook_id, delivery.c.ordering_key)
        .where(delivery.c.webhook_id.in_(webhook_ids), delivery.c.dead_at.is_not(None))
        .order_by(delivery.c.event_number)
        .limit(REVIVE_AT_ONCE)
    )
    rows = connection.execute(found).all()
    for row in rows:
        this = (
            delivery.c.event_number == row.event_number,
            delivery.c.webhook_id == row.webhook_id,
        )
        waiting = _keys_in_line(connection, row.webhook_id, {row.ordering_key})
        fresh = {"tries": 0, "queued_at": now, "dead_at": None, "due_at": None if waiting else now}
        connection.execute(update(delivery).where(*this).values(**fresh))
    return len(rows)


def _this(parcel: Parcel) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        delivery.c.event_number == parcel.number,
        delivery.c.webhook_id == parcel.webhook_id,
    )


# Any: a row of one of the statements above.
def _event(row: Any) -> KeptEvent:  # noqa: ANN401 - as above
    return KeptEvent(
        row.resource_id, row.sequence, row.id, row.type, row.subject, row.data, row.happened_at
    )


def _undelivered(row: Any) -> Undelivered:  # noqa: ANN401 - as above
    return Undelivered(row.webhook_id, _event(row), row.tries, row.failure, row.due_at, row.dead_at)
