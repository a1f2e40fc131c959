"""A compiled statement says what SQLAlchemy says of it, on each database."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from openrooms.storage.database import Database
from openrooms.storage.schema import issuer, secret
from openrooms.storage.statements import Row, Statement

pytestmark = pytest.mark.anyio

MOMENT = datetime(2025, 1, 24, 10, 0, 0, 123456, tzinfo=UTC)
KEEP = Statement(insert(issuer), "url", "used_at")
FIND = Statement(
    select(issuer.c.url, issuer.c.used_at).where(issuer.c.url == bindparam("wanted")),
    "wanted",
)
NEWEST = Statement(select(issuer.c.url).order_by(issuer.c.url.desc()).limit(2))
RENAME = Statement(
    update(issuer)
    .where(issuer.c.url == bindparam("wanted"))
    .values(url="new")
    .returning(issuer.c.url, issuer.c.used_at),
    "wanted",
)
# On SQLite what is set comes before the condition.
MOVE = Statement(
    update(issuer).where(issuer.c.url == bindparam("of_url")).values(url=bindparam("new_url")),
    "of_url",
    "new_url",
)
FORGET = Statement(delete(issuer).where(issuer.c.url != bindparam("kept")), "kept")


async def kept(database: Database, *urls: str) -> None:
    def transaction(connection: Connection) -> None:
        for url in urls:
            assert KEEP.run(connection, url, MOMENT) == 1

    await database.write(transaction)


def find(connection: Connection) -> Row | None:
    return FIND.row(connection, "a")


async def test_what_was_written_is_found_in_our_own_types(database: Database) -> None:
    await kept(database, "a")

    assert await database.read(find) == ("a", MOMENT)
    assert await database.look(find) == ("a", MOMENT)


async def test_what_is_not_there_is_none(database: Database) -> None:
    assert await database.look(find) is None


async def test_rows_come_in_order_and_as_many_as_the_statement_says(database: Database) -> None:
    await kept(database, "a", "b", "c")

    assert await database.read(NEWEST.rows) == [("c",), ("b",)]


async def test_a_change_may_tell_what_it_changed(database: Database) -> None:
    await kept(database, "a")

    changed = await database.write(lambda one: RENAME.row(one, "a"))

    assert changed == ("new", MOMENT)
    assert await database.look(find) is None


async def test_a_change_tells_how_many_rows_it_met(database: Database) -> None:
    await kept(database, "a", "b", "c")

    assert await database.write(lambda one: FORGET.run(one, "a")) == 2
    assert await database.write(lambda one: FORGET.run(one, "a")) == 0


async def test_a_change_is_made_with_each_row_of_values(database: Database) -> None:
    rows = [("a", MOMENT), ("b", MOMENT)]
    await database.write(lambda one: KEEP.run_each(one, rows))

    assert await database.read(NEWEST.rows) == [("b",), ("a",)]


async def test_a_change_of_rows_that_is_refused_is_undone_whole(database: Database) -> None:
    rows = [("a", MOMENT), ("a", MOMENT)]
    with pytest.raises(IntegrityError):
        await database.write(lambda one: KEEP.run_each(one, rows))

    assert await database.look(find) is None


async def test_values_are_told_apart_by_their_names_wherever_the_statement_has_them(
    database: Database,
) -> None:
    await kept(database, "a", "b")

    await database.write(lambda one: MOVE.run(one, "a", "c"))

    assert await database.read(NEWEST.rows) == [("c",), ("b",)]


async def test_an_error_is_the_one_that_sqlalchemy_would_raise(database: Database) -> None:
    await kept(database, "a")

    with pytest.raises(IntegrityError) as refused:
        await kept(database, "a")

    # What was to be written may be a secret.
    assert "2025" not in str(refused.value)


async def test_a_look_through_sqlalchemy_sees_what_is_committed_later(database: Database) -> None:
    def names(connection: Connection) -> list[str]:
        return list(connection.scalars(select(secret.c.name)))

    before = await database.look(names)
    await database.write(
        lambda one: one.execute(secret.insert().values(name="one", value=b"v")).rowcount
    )

    assert (before, await database.look(names)) == ([], ["one"])
