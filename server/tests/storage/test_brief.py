"""Brief changes of the SQLite file are run by the loop, and every promise holds for them as well."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, select
from tests.storage.holding import Hold

from openrooms.storage.database import Database
from openrooms.storage.errors import DatabaseAway, DatabaseBusy, DatabaseFull, OutcomeUnknown
from openrooms.storage.schema import secret
from openrooms.storage.sqlite import Limits, open_sqlite
from openrooms.storage.writer import LARGE_GROUP

pytestmark = pytest.mark.anyio

FILE = "openrooms.db"


class Refused(Exception):
    """What a transaction of these tests raises."""


class Broken(BaseException):
    """What nothing but the end of a program raises."""


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_sqlite(tmp_path / FILE) as opened:
        yield opened


@pytest.fixture
def other(database: Database, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another program that has the file open."""
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as connection:
        yield connection


def keep(name: str, seen: list[str] | None = None) -> Callable[[Connection], str]:
    def transaction(connection: Connection) -> str:
        if seen is not None:
            seen.append(threading.current_thread().name)
        connection.execute(secret.insert().values(name=name, value=b"v"))
        return name

    return transaction


def keep_and_refuse(connection: Connection) -> None:
    keep("refused")(connection)
    raise Refused


def names(connection: Connection) -> list[str]:
    return list(connection.scalars(select(secret.c.name).order_by(secret.c.name)))


def kept(other: sqlite3.Connection) -> list[str]:
    return [name for (name,) in other.execute("SELECT name FROM secret ORDER BY name")]


async def test_a_brief_change_is_run_by_the_loop_and_told_when_it_is_committed(
    database: Database, other: sqlite3.Connection
) -> None:
    seen: list[str] = []

    assert await database.write(keep("one", seen), brief=True) == "one"
    assert seen == [threading.current_thread().name]
    assert kept(other) == ["one"]


async def test_brief_changes_that_come_together_are_committed_together(
    database: Database, other: sqlite3.Connection
) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(database.write(keep("a"), brief=True))
        # Run after the first, which nobody else sees yet.
        seen = tasks.create_task(database.write(lambda _: kept(other), brief=True))

    assert seen.result() == []
    assert kept(other) == ["a"]


async def test_a_group_takes_what_comes_while_the_loop_is_busy(
    database: Database, other: sqlite3.Connection
) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(database.write(keep("a"), brief=True))
        await asyncio.sleep(0)
        tasks.create_task(database.write(keep("b"), brief=True))
        await asyncio.sleep(0)
        seen = tasks.create_task(database.write(lambda _: kept(other), brief=True))

    assert seen.result() == []


async def test_a_group_that_is_large_already_waits_for_no_more(
    database: Database, other: sqlite3.Connection
) -> None:
    async with asyncio.TaskGroup() as tasks:
        for number in range(LARGE_GROUP):
            tasks.create_task(database.write(keep(f"{number:02}"), brief=True))
        await asyncio.sleep(0)
        seen = tasks.create_task(database.write(lambda _: kept(other), brief=True))

    assert len(seen.result()) == LARGE_GROUP


async def test_a_group_with_one_that_is_not_brief_is_the_threads_in_the_order_of_arrival(
    database: Database,
) -> None:
    seen: list[str] = []
    followed: list[str] = []
    async with asyncio.TaskGroup() as tasks:
        for name in ("a", "b", "c"):
            write = database.write(keep(name, seen), followed.append, brief=name != "b")
            tasks.create_task(write)

    assert seen == ["database-writer"] * 3
    assert followed == ["a", "b", "c"]


async def test_what_comes_while_the_thread_works_makes_the_next_group(
    database: Database, other: sqlite3.Connection
) -> None:
    hold, seen = Hold(), list[str]()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(database.write(hold))
        await asyncio.to_thread(hold.begun.wait, 5)
        for name in ("a", "b"):
            tasks.create_task(database.write(keep(name, seen), brief=True))
        await asyncio.sleep(0)
        hold.go_on.set()

    assert seen == [threading.current_thread().name] * 2
    assert kept(other) == ["a", "b"]


async def test_in_a_group_only_the_brief_change_that_raises_is_undone(database: Database) -> None:
    followed: list[str] = []
    outcomes = await asyncio.gather(
        database.write(keep("a"), followed.append, brief=True),
        database.write(keep_and_refuse, brief=True),
        database.write(keep("b"), followed.append, brief=True),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes] == [str, Refused, str]
    assert await database.read(names) == followed == ["a", "b"]


async def test_a_brief_change_that_raises_before_it_has_written_holds_up_nobody(
    database: Database,
) -> None:
    def refuse(_: Connection) -> None:
        raise Refused

    seen: list[str] = []
    outcomes = await asyncio.gather(
        database.write(refuse, brief=True),
        database.write(keep("a", seen), brief=True),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes] == [Refused, str]
    assert seen == [threading.current_thread().name]


async def test_a_full_disk_refuses_the_one_brief_change_that_does_not_fit(
    database: Database,
) -> None:
    def limit(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        assert isinstance(pages, int)
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 10}")

    def big(connection: Connection) -> None:
        connection.execute(secret.insert().values(name="big", value=bytes(1_000_000)))

    await database.write(limit)
    outcomes = await asyncio.gather(
        database.write(big, brief=True),
        database.write(keep("small"), brief=True),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes] == [DatabaseFull, str]
    assert await database.read(names) == ["small"]


async def test_a_commit_that_is_refused_undoes_its_group_and_no_other(database: Database) -> None:
    def orphan(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.exec_driver_sql(
            "INSERT INTO invitation (room_number, raw_id, role, position) VALUES (1, '8:acs:x', 'P', 0)"
        )

    outcomes = await asyncio.gather(
        database.write(keep("with it"), brief=True),
        database.write(orphan, brief=True),
        return_exceptions=True,
    )
    await database.write(keep("after it"), brief=True)

    assert [type(outcome) for outcome in outcomes] == [sqlite3.IntegrityError] * 2
    assert await database.read(names) == ["after it"]


async def test_the_loop_waits_for_no_other_program(
    database: Database, other: sqlite3.Connection
) -> None:
    seen: list[str] = []
    other.execute("BEGIN IMMEDIATE")
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(database.write(keep("one", seen), brief=True))
        # The loop turns meanwhile, or nobody would end this.
        for _ in range(10):
            await asyncio.sleep(0)
        other.execute("ROLLBACK")

    assert seen == ["database-writer"]


async def test_a_lock_that_is_held_for_long_is_a_busy_database(tmp_path: Path) -> None:
    async with open_sqlite(tmp_path / FILE, Limits(patience=0.2)) as hasty:
        with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseBusy):
                await hasty.write(keep("one"), brief=True)
            other.execute("ROLLBACK")

        await hasty.write(keep("two"), brief=True)
        assert await hasty.read(names) == ["two"]


async def test_each_loses_patience_at_its_own_time(tmp_path: Path) -> None:
    hold = Hold()
    async with open_sqlite(tmp_path / FILE, Limits(patience=0.2)) as hasty:
        # Answered long before; its time-out is the first to come all the same.
        await hasty.write(keep("early"), brief=True)
        outcomes = asyncio.gather(
            hasty.write(hold), hasty.write(keep("late"), brief=True), return_exceptions=True
        )
        await asyncio.to_thread(hold.begun.wait, 5)
        refused = asyncio.gather(
            *(hasty.write(keep(f"{n}"), brief=True) for n in range(3)), return_exceptions=True
        )

        assert [type(one) for one in await refused] == [DatabaseBusy] * 3
        assert [type(one) for one in await outcomes] == [OutcomeUnknown] * 2
        hold.go_on.set()
        await hasty.write(keep("last"), brief=True)
        assert await hasty.read(names) == ["early", "last", "late"]


async def test_what_follows_happens_though_the_caller_is_gone(database: Database) -> None:
    followed = asyncio.Event()
    writing: list[asyncio.Task[str]] = []

    def leave(connection: Connection) -> str:
        writing[0].cancel()
        return keep("left")(connection)

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        write = database.write(leave, lambda _: followed.set(), brief=True)
        writing.append(tasks.create_task(write))
        await followed.wait()

    assert writing[0].cancelled()
    assert await database.read(names) == ["left"]


async def test_a_caller_that_is_cancelled_in_the_line_leaves_no_trace(database: Database) -> None:
    hold = Hold()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(database.write(hold))
        await asyncio.to_thread(hold.begun.wait, 5)
        late = tasks.create_task(database.write(keep("late"), brief=True))
        await asyncio.sleep(0)
        late.cancel()
        await asyncio.wait([late])
        hold.go_on.set()

    assert late.cancelled()
    await database.write(keep("next"), brief=True)
    assert await database.read(names) == ["next"]


async def test_what_was_accepted_is_finished_before_the_database_closes(tmp_path: Path) -> None:
    async with asyncio.TaskGroup() as tasks, open_sqlite(tmp_path / FILE) as database:
        for number in range(200):
            tasks.create_task(database.write(keep(f"{number:03}"), brief=True))
        # One group is begun by now, and the others wait.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    async with open_sqlite(tmp_path / FILE) as database:
        assert len(await database.read(names)) == 200


async def test_a_loop_that_fails_in_a_change_leaves_an_unusable_database(
    database: Database,
) -> None:
    def break_down(connection: Connection) -> None:
        keep("half")(connection)
        raise Broken

    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: told.append(what["exception"]))

    outcomes = await asyncio.gather(
        database.write(break_down, brief=True),
        database.write(keep("beside"), brief=True),
        return_exceptions=True,
    )
    with pytest.raises(DatabaseAway):
        await database.write(keep("after"))

    assert [type(outcome) for outcome in outcomes] == [DatabaseAway] * 2
    assert [type(one) for one in told] == [Broken]
    assert not database.usable
    assert await database.read(names) == []
