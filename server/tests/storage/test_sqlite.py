"""What is true of the SQLite file alone."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError

from openrooms.kernel.coroutines import start
from openrooms.storage.database import Database, open_database
from openrooms.storage.errors import (
    DatabaseAway,
    DatabaseClosed,
    DatabaseFull,
    DataDirectoryUnusable,
)
from openrooms.storage.schema import secret
from openrooms.storage.sqlite import (
    FILE_NAME,
    LOG_PAGES,
    WRITER_CACHE_KIB,
    open_for_writing,
    prepare_file,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[Database]:
    """A database in a file of its own."""
    async with open_database(tmp_path / "data") as database:
        yield database


def busy() -> sqlite3.Error:
    """What the driver raises when another holds the lock."""
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def nothing(connection: Connection) -> None:
    connection.execute(select(1))


def names(connection: Connection) -> list[str]:
    return list(connection.scalars(select(secret.c.name)))


def big(connection: Connection) -> None:
    connection.execute(secret.insert().values(name="big", value=bytes(1_000_000)))


def small(connection: Connection) -> None:
    connection.execute(secret.insert().values(name="small", value=b"v"))


def test_a_file_that_another_is_just_closing_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "openrooms.db"
    prepare_file(path, 1)
    opened: list[Connection] = []
    opening = threading.Thread(target=lambda: opened.append(open_for_writing(path)))

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        # The lock that closing takes, held for longer.
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        opening.start()
        opening.join(0.3)
        waits = opening.is_alive()
    opening.join(30)

    assert waits
    for connection in opened:
        connection.close()
    assert len(opened) == 1


async def test_a_commit_is_synced_and_the_log_is_written_ahead(file: Database) -> None:
    def settings(connection: Connection) -> tuple[object, object]:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        return mode, connection.exec_driver_sql("PRAGMA synchronous").scalar()

    assert await file.write(settings) == ("wal", 2)


async def test_the_log_is_copied_seldom_and_the_writer_keeps_its_pages(file: Database) -> None:
    def settings(connection: Connection) -> tuple[object, object]:
        pages = connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar()
        return pages, connection.exec_driver_sql("PRAGMA cache_size").scalar()

    assert await file.write(settings) == (LOG_PAGES, -WRITER_CACHE_KIB)


async def test_a_look_cannot_write(file: Database) -> None:
    with pytest.raises(DatabaseAway):
        await file.look(small)

    assert await file.look(names) == []


async def test_a_look_at_what_is_no_table_is_the_callers_fault(file: Database) -> None:
    with pytest.raises(OperationalError):
        await file.look(lambda one: one.exec_driver_sql("SELECT * FROM nothing"))


async def test_a_look_that_the_loop_cannot_wait_for_is_done_by_a_thread(
    file: Database,
) -> None:
    def locked(connection: Connection) -> int:
        seen.append(threading.current_thread().name)
        if len(seen) == 1:
            raise OperationalError("SELECT", None, busy())
        return 1

    seen: list[str] = []

    assert await file.look(locked) == 1
    assert seen[0] == threading.current_thread().name
    assert seen[1].startswith("database-reader")


async def test_looks_of_one_turn_of_the_loop_see_the_same(file: Database, tmp_path: Path) -> None:
    before = await file.look(names)
    with closing(sqlite3.connect(tmp_path / "data" / FILE_NAME)) as other:
        other.execute("INSERT INTO secret (name, value) VALUES ('one', x'00')")
        other.commit()
    at_once = await file.look(names)
    await asyncio.sleep(0)

    assert (before, at_once, await file.look(names)) == ([], [], ["one"])


async def test_what_follows_from_a_commit_sees_it_though_somebody_has_just_looked(
    file: Database,
) -> None:
    def follow(_: None) -> None:
        found.append(start(file.look(names), asyncio.get_running_loop().create_task))

    async def look_in_each_turn() -> None:
        while not found:
            await file.look(names)
            await asyncio.sleep(0)

    found: list[object] = []
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(look_in_each_turn())
        await file.write(small, then=follow)

    assert found == [["small"]]


async def test_after_the_end_a_look_is_refused(tmp_path: Path) -> None:
    async with open_database(tmp_path / "data") as database:
        pass

    with pytest.raises(DatabaseClosed):
        await database.look(names)


async def test_of_those_who_open_a_new_file_at_once_nobody_is_refused(tmp_path: Path) -> None:
    """Such as a server at its first start, and an engine that looks whether its keys are there."""
    for number in range(30):
        path = tmp_path / f"{number}.db"
        async with asyncio.TaskGroup() as tasks:
            for _ in range(3):
                tasks.create_task(asyncio.to_thread(prepare_file, path, 2.5))


async def test_a_first_start_says_who_is_in_its_way(tmp_path: Path) -> None:
    path = tmp_path / "openrooms.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE early (one)")
        other.execute("BEGIN")
        other.execute("SELECT * FROM early").fetchall()

        with pytest.raises(DataDirectoryUnusable, match="database is locked"):
            prepare_file(path, 0.05)


async def test_a_file_that_is_no_database_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "openrooms.db").write_bytes(b"something else entirely" * 100)

    with pytest.raises(DataDirectoryUnusable, match=r"openrooms\.db.*not a database.*backup"):
        async with open_database(tmp_path):
            pass


async def test_the_database_file_is_private(tmp_path: Path) -> None:
    async with open_database(tmp_path / "data"):
        assert (tmp_path / "data" / "openrooms.db").stat().st_mode & 0o777 == 0o600


async def test_a_full_disk_refuses_the_one_change_that_does_not_fit(file: Database) -> None:
    def limit(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        assert isinstance(pages, int)
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 10}")

    await file.write(limit)
    outcomes = await asyncio.gather(
        file.write(nothing),
        file.write(big),
        file.write(small),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes] == [type(None), DatabaseFull, type(None)]
    assert await file.read(names) == ["small"]
