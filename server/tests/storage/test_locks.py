"""A transaction locks its row first: on PostgreSQL by the statement, on SQLite by being alone."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from openrooms.storage.database import Database
from openrooms.storage.locks import lock_call, lock_identity, lock_room

pytestmark = pytest.mark.anyio

LOCKS: list[Callable[[Connection], None]] = [
    lambda connection: lock_room(connection, 99),
    lambda connection: lock_call(connection, "call"),
    lambda connection: lock_identity(connection, "resource", "user"),
]


@pytest.mark.parametrize("lock", LOCKS)
async def test_locking_what_does_not_exist_is_harmless(
    database: Database, lock: Callable[[Connection], None]
) -> None:
    await database.write(lock)
