"""Of two who insert the same, one is the first, and both go on."""

import pytest
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from openrooms.storage.database import Connection, Database
from openrooms.storage.instants import EPOCH
from openrooms.storage.once import insert_once
from openrooms.storage.schema import CUSTOM_ID_IN_USE, identity, issuer

pytestmark = pytest.mark.anyio

INSERT = insert_once(issuer, "url")


async def test_the_second_of_two_equal_inserts_does_nothing(database: Database) -> None:
    def insert(connection: Connection) -> tuple[int, int]:
        values = {"url": "https://x", "used_at": EPOCH}
        first, second = (connection.execute(INSERT, values).rowcount for _ in range(2))
        return first, second

    assert await database.write(insert) == (1, 0)


def test_postgresql_is_told_the_condition_of_the_index() -> None:
    statement = insert_once(identity, "resource_id", "custom_id", where=CUSTOM_ID_IN_USE)

    told = str(statement.compile(dialect=PGDialect_psycopg()))  # type: ignore[no-untyped-call]

    assert told.endswith(
        "ON CONFLICT (resource_id, custom_id) "
        "WHERE deleted_at IS NULL AND custom_id IS NOT NULL DO NOTHING"
    )
