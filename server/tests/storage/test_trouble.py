"""A slow, full or broken database gives its callers a clear answer in bounded time."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, select
from tests.storage.holding import Hold

from openrooms.storage.database import Database
from openrooms.storage.errors import DatabaseAway, DatabaseBusy, OutcomeUnknown
from openrooms.storage.jobs import Line
from openrooms.storage.schema import secret
from openrooms.storage.sqlite import Limits, open_sqlite

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[Database]:
    """A database that gives up after a fifth of a second, with room for two in the line."""
    limits = Limits(longest_line=2, patience=0.2)
    async with open_sqlite(tmp_path / "openrooms.db", limits) as database:
        yield database


def nothing(connection: Connection) -> None:
    connection.execute(select(1))


def names(connection: Connection) -> list[str]:
    return list(connection.scalars(select(secret.c.name)))


def big(connection: Connection) -> None:
    connection.execute(secret.insert().values(name="big", value=bytes(1_000_000)))


def small(connection: Connection) -> None:
    connection.execute(secret.insert().values(name="small", value=b"v"))


async def test_a_change_that_waits_too_long_is_refused_and_never_happens(hasty: Database) -> None:
    hold = Hold()
    outcomes = await asyncio.gather(
        hasty.write(hold), hold.wait_and(hasty.write, small), return_exceptions=True
    )

    assert isinstance(outcomes[1], DatabaseBusy)
    assert await hasty.read(names) == []


async def test_a_change_that_was_begun_and_not_confirmed_says_so(hasty: Database) -> None:
    hold = Hold()

    with pytest.raises(OutcomeUnknown):
        await hasty.write(hold)
    hold.go_on.set()


async def test_a_full_line_refuses_at_once(hasty: Database) -> None:
    hold = Hold()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(hasty.write(hold))
        await asyncio.to_thread(hold.begun.wait, 5)
        for _ in range(2):
            tasks.create_task(hasty.write(nothing))
        await asyncio.sleep(0)

        with pytest.raises(DatabaseBusy):
            await hasty.write(nothing)
        hold.go_on.set()


async def test_a_lock_held_by_another_program_is_a_busy_database(
    hasty: Database, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "openrooms.db", isolation_level=None)
    with closing(other):
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(DatabaseBusy):
            await hasty.write(small)
        other.execute("ROLLBACK")

    await hasty.write(small)


async def test_when_the_last_taker_fails_the_waiting_are_refused() -> None:
    line = Line(longest=8, patience=5)

    async def fail() -> None:
        line.fail()

    outcomes = await asyncio.gather(line.run(nothing), fail(), return_exceptions=True)

    assert isinstance(outcomes[0], DatabaseAway)
    assert line.closed


async def test_a_thread_that_fails_refuses_its_callers_and_leaves_an_unusable_database(
    database: Database,
) -> None:
    def die(_: Connection) -> None:
        raise SystemExit

    with pytest.raises(DatabaseAway):
        await database.write(die)
    assert not database.usable
    with pytest.raises(DatabaseAway):
        await database.write(small)
