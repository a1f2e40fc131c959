"""A change by one process is noticed by every other."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from openrooms.storage import revisions
from openrooms.storage.database import Connection, Database, open_database
from openrooms.storage.revisions import Revisions, find_revision, raise_revision

pytestmark = pytest.mark.anyio


def raise_keys(connection: Connection) -> None:
    raise_revision(connection, "keys")


async def test_each_change_raises_its_own_number(database: Database) -> None:
    await database.write(raise_keys)
    await database.write(raise_keys)
    await database.write(lambda connection: raise_revision(connection, "other"))

    def found(connection: Connection) -> list[int]:
        return [find_revision(connection, what) for what in ("keys", "other", "never")]

    assert await database.read(found) == [2, 1, 0]


async def test_what_was_changed_is_read_anew_once(database: Database) -> None:
    readings: list[int] = []

    async def read() -> None:
        readings.append(1)

    revisions = Revisions(database)
    revisions.watch("keys", read)
    await revisions.look()
    readings.clear()

    await revisions.look()
    assert not readings
    await database.write(raise_keys)
    await revisions.look()
    await revisions.look()
    assert readings == [1]


async def test_looking_goes_on_by_itself(database: Database) -> None:
    changed = asyncio.Event()
    revisions = Revisions(database)

    async def read() -> None:
        changed.set()

    revisions.watch("keys", read)
    await revisions.look()
    changed.clear()

    async with asyncio.TaskGroup() as tasks, asyncio.timeout(5):
        looking = tasks.create_task(revisions.run())
        await database.write(raise_keys)
        await changed.wait()
        looking.cancel()


async def test_a_database_that_is_away_is_asked_again(tmp_path: Path) -> None:

    async with open_database(tmp_path / "closed") as closed:
        pass
    revisions = Revisions(closed)

    async with asyncio.TaskGroup() as tasks:
        looking = tasks.create_task(revisions.run())
        await asyncio.sleep(0)
        assert not looking.done()
        looking.cancel()


async def test_what_cannot_be_read_does_not_end_the_looking(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revisions, "SECONDS", 0)
    read_again = asyncio.Event()
    tries: list[int] = []

    async def read() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("sealed with another key")
        read_again.set()

    watching = Revisions(database)
    watching.watch("keys", read)
    with capture_logs() as logs:
        async with asyncio.TaskGroup() as tasks, asyncio.timeout(5):
            looking = tasks.create_task(watching.run())
            await read_again.wait()
            looking.cancel()

    assert [entry["event"] for entry in logs] == ["revisions_failed"]
