"""The SQL of webhooks. Every function takes the connection of a transaction; what is sealed stays so."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from openrooms.storage.schema import deleted_resource, webhook


class Sealed(NamedTuple):
    """A webhook as it is stored."""

    id: str
    resource_id: str
    url: bytes
    secret: bytes
    form: str
    types: str | None
    created_at: datetime
    former_secret: bytes | None = None
    former_until: datetime | None = None


def find_webhooks(connection: Connection) -> Sequence[Sealed]:
    """The webhooks of all resources that are, the oldest first."""
    gone = exists().where(deleted_resource.c.resource_id == webhook.c.resource_id)
    found = select(webhook).where(~gone).order_by(webhook.c.created_at, webhook.c.id)
    return [Sealed(**row._mapping) for row in connection.execute(found)]  # noqa: SLF001 - public, its name notwithstanding


def count_webhooks(connection: Connection, resource_id: str) -> int:
    counted = select(func.count()).select_from(webhook).where(webhook.c.resource_id == resource_id)
    return int(connection.execute(counted).scalar_one())


def add_webhook(connection: Connection, new: Sealed) -> None:
    connection.execute(insert(webhook).values(**new._asdict()))


def change_secret(
    connection: Connection, webhook_id: str, *, sealed: bytes, until: datetime
) -> int:
    """Give a webhook another secret; the one it had is its former one until then. How many there are."""
    changed = update(webhook).where(webhook.c.id == webhook_id)
    # What stands on the right is the row as it was.
    values = {"secret": sealed, "former_secret": webhook.c.secret, "former_until": until}
    return connection.execute(changed.values(values)).rowcount


def write_types(types: frozenset[str] | None) -> str | None:
    return None if types is None else json.dumps(sorted(types))


def read_types(text: str | None) -> frozenset[str] | None:
    return None if text is None else frozenset(json.loads(text))


def drop_webhook(connection: Connection, webhook_id: str) -> None:
    """Forget a webhook. What was left to deliver to it is nobody's, and goes with its events."""
    connection.execute(delete(webhook).where(webhook.c.id == webhook_id))


def drop_of_resource(connection: Connection, resource_id: str) -> int:
    """Forget the webhooks of a deleted resource; how many there were."""
    return connection.execute(delete(webhook).where(webhook.c.resource_id == resource_id)).rowcount
