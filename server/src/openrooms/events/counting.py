"""Gives events their sequence, and queues each for the webhooks that want it, in one transaction."""

from datetime import datetime

from openrooms.events import store
from openrooms.events.webhooks import delivery_store
from openrooms.storage.database import Connection


def count(connection: Connection, resource_id: str, now: datetime) -> int:
    """Count some events of the resource that were committed since; how many."""
    counted = store.count(connection, resource_id)
    delivery_store.queue(connection, resource_id, counted, now=now)
    return len(counted)
