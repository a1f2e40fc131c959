"""One way to write, one way to read."""

import asyncio
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from openrooms.storage.database import Database, open_database
from openrooms.storage.errors import DatabaseAway, DatabaseClosed
from openrooms.storage.locks import lock_beginning
from openrooms.storage.schema import secret

pytestmark = pytest.mark.anyio


class Refused(Exception):
    """What a transaction of these tests raises."""


def keep(name: str, value: bytes = b"v") -> Callable[[Connection], str]:
    def transaction(connection: Connection) -> str:
        connection.execute(secret.insert().values(name=name, value=value))
        return name

    return transaction


def names(connection: Connection) -> list[str]:
    return list(connection.scalars(select(secret.c.name).order_by(secret.c.name)))


def keep_and_refuse(connection: Connection) -> None:
    keep("refused")(connection)
    raise Refused


async def test_a_write_returns_what_its_transaction_returns(database: Database) -> None:
    assert await database.write(keep("one")) == "one"


async def test_what_was_written_is_read(database: Database) -> None:
    await database.write(keep("one"))

    assert await database.read(names) == ["one"]


async def test_what_a_transaction_raises_undoes_it_and_reaches_the_caller(
    database: Database,
) -> None:
    with pytest.raises(Refused):
        await database.write(keep_and_refuse)

    assert await database.read(names) == []


async def test_in_a_group_only_the_transaction_that_raises_is_undone(database: Database) -> None:
    outcomes = await asyncio.gather(
        database.write(keep("a")),
        database.write(keep_and_refuse),
        database.write(keep("b")),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes] == [str, Refused, str]
    assert await database.read(names) == ["a", "b"]


async def test_a_duplicate_key_reaches_the_caller_as_it_is(database: Database) -> None:
    await database.write(keep("one"))

    with pytest.raises(IntegrityError):
        await database.write(keep("one"))


async def test_a_transaction_may_go_on_after_a_duplicate_of_its_own(database: Database) -> None:
    def twice(connection: Connection) -> None:
        keep("one")(connection)
        with pytest.raises(IntegrityError), connection.begin_nested():
            keep("one")(connection)
        keep("two")(connection)

    await database.write(twice)

    assert await database.read(names) == ["one", "two"]


async def test_many_writes_at_once_are_all_kept(database: Database) -> None:
    await asyncio.gather(*(database.write(keep(f"{number:03}")) for number in range(500)))

    assert len(await database.read(names)) == 500


async def test_a_reader_sees_one_moment_while_the_writer_goes_on(database: Database) -> None:
    first_seen, written = threading.Event(), threading.Event()

    def count_twice(connection: Connection) -> tuple[int | None, int | None]:
        count = select(func.count()).select_from(secret)
        before = connection.scalar(count)
        first_seen.set()
        assert written.wait(timeout=5)
        return before, connection.scalar(count)

    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(database.read(count_twice))
        await asyncio.to_thread(first_seen.wait, 5)
        await database.write(keep("one"))
        written.set()

    assert reading.result() == (0, 0)


async def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(DatabaseAway) as refused:
        await database.read(keep("one"))

    assert re.search("read.?only", str(refused.value.__cause__))


async def test_foreign_keys_are_kept(database: Database) -> None:
    def orphan(connection: Connection) -> None:
        connection.exec_driver_sql(
            "INSERT INTO invitation (room_number, raw_id, role, position) VALUES (1, '8:acs:x', 'P', 0)"
        )

    with pytest.raises(IntegrityError):
        await database.write(orphan)


async def test_a_stop_iteration_does_not_leave_its_caller_waiting(database: Database) -> None:
    def empty(_: Connection) -> None:
        next(iter(()))

    with pytest.raises(RuntimeError, match="StopIteration"):
        await database.write(empty)


async def test_a_transaction_that_ends_itself_is_an_error(database: Database) -> None:
    def end(connection: Connection) -> None:
        keep("one")(connection)
        connection.rollback()

    with pytest.raises(RuntimeError, match="ended itself"):
        await database.write(end)


async def test_what_was_accepted_is_finished_before_the_database_closes(tmp_path: Path) -> None:
    async with asyncio.TaskGroup() as tasks, open_database(tmp_path) as database:
        for number in range(50):
            tasks.create_task(database.write(keep(f"{number:02}")))
        await asyncio.sleep(0)
    async with open_database(tmp_path) as database:
        kept = await database.read(names)

    assert len(kept) == 50


async def test_a_closed_database_says_so(tmp_path: Path) -> None:
    async with open_database(tmp_path) as database:
        usable = database.usable

    assert (usable, database.usable) == (True, False)
    with pytest.raises(DatabaseClosed):
        await database.write(keep("late"))
    with pytest.raises(DatabaseClosed):
        await database.read(names)


async def test_a_caller_that_is_cancelled_in_the_line_leaves_no_trace(database: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hold(_: Connection) -> None:
        begun.set()
        assert go_on.wait(timeout=5)

    async with asyncio.TaskGroup() as tasks:
        # More than there can be threads: one of them waits before the late one.
        for _ in range(10):
            tasks.create_task(database.write(hold))
        await asyncio.to_thread(begun.wait, 5)
        late = tasks.create_task(database.write(keep("late")))
        await asyncio.sleep(0)
        late.cancel()
        await asyncio.wait([late])
        go_on.set()

    assert late.cancelled()
    assert await database.read(names) == []


async def test_an_unknown_driver_error_is_not_taken_for_a_passing_trouble(
    database: Database,
) -> None:
    def nonsense(connection: Connection) -> None:
        connection.exec_driver_sql("SELECT nonsense")

    with pytest.raises(DBAPIError, match=r"no such column|does not exist"):
        await database.write(nonsense)


async def test_what_follows_a_commit_happens_in_the_order_of_the_commits(
    database: Database,
) -> None:
    followed: list[int] = []

    def take_a_number(connection: Connection) -> int:
        lock_beginning(connection)
        number = connection.scalar(select(func.count()).select_from(secret)) or 0
        keep(str(number))(connection)
        return number

    async with asyncio.TaskGroup() as tasks:
        for _ in range(20):
            tasks.create_task(database.write(take_a_number, then=followed.append))

    assert followed == list(range(20))


async def test_what_follows_a_commit_happens_though_the_caller_is_gone(database: Database) -> None:
    begun, go_on, followed = asyncio.Event(), threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(connection: Connection) -> str:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait(5)
        return keep("slow")(connection)

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(database.write(slow, then=lambda _: followed.set()))
        await begun.wait()
        writing.cancel()
        go_on.set()
        await followed.wait()

    assert await database.read(names) == ["slow"]


async def test_nothing_follows_a_transaction_that_is_undone(database: Database) -> None:
    followed: list[None] = []
    with pytest.raises(Refused):
        await database.write(keep_and_refuse, then=followed.append)

    assert followed == []


async def test_a_consequence_that_fails_does_not_take_the_answer(database: Database) -> None:
    def fail(_: str) -> None:
        raise Refused

    assert await database.write(keep("one"), then=fail) == "one"
