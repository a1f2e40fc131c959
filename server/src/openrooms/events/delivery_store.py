"""The SQL of deliveries: what webhooks have not taken yet. Each function takes a transaction's connection.

Of the waiting deliveries of a webhook with one ordering key only the first is due at a moment;
the next gets its own when that is done. Who changes any of them holds the resource's count.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from openrooms.events.store import Counted
from openrooms.storage.schema import delivery, webhook


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
