"""A deleted resource is taken leave of, now or by the next server, whatever the database does."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.identity.house import House, open_house

from openrooms.administration import farewell
from openrooms.administration.farewell import Farewell
from openrooms.identity.model import Resource
from openrooms.storage.errors import DatabaseAway

pytestmark = pytest.mark.anyio


@dataclass
class Calls:
    """Where calls are ended; the first tries may fail."""

    failing: int = 0
    ended: list[str] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def end_resource(self, resource_id: str) -> None:
        if self.failing:
            self.failing -= 1
            raise DatabaseAway
        self.ended.append(resource_id)
        self.done.set()


async def deleted(house: House) -> Resource:
    """A resource with a room and an identity, just deleted."""
    made = await house.resources.create("clinic")
    backend = house.backend("2025-03-13", key=made.primary_key)
    assert (await backend.send("POST", "/rooms", {})).status_code == 201
    await house.identities.create(made.id)
    await house.resources.delete("clinic", force=True)
    return made


async def left(house: House) -> tuple[int, int, int]:
    rooms = await house.count("room WHERE deleted_at IS NULL")
    return rooms, await house.count("identity"), await house.count("event")


async def nothing_left(house: House) -> None:
    """Wait for it; each look waits for the database."""
    while await left(house) != (0, 0, 0):
        pass


@pytest.mark.parametrize("failing", [0, 2])
async def test_calls_end_and_what_there_was_is_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    monkeypatch.setattr(farewell, "AGAIN_SECONDS", 0)
    async with open_house(tmp_path) as house, asyncio.TaskGroup() as tasks, asyncio.timeout(10):
        calls = Calls(failing)
        saying = Farewell(house.resources, house.rooms, house.events, house.webhooks, calls=calls)
        house.resources.on_deletion(saying.begin)
        working = tasks.create_task(saying.run())
        gone = await deleted(house)

        await calls.done.wait()
        await nothing_left(house)

        assert calls.ended == [gone.id]
        working.cancel()


async def test_the_next_server_does_what_was_left_undone(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, asyncio.TaskGroup() as tasks, asyncio.timeout(10):
        await deleted(house)
        assert await left(house) == (1, 1, 1)

        working = tasks.create_task(
            Farewell(
                house.resources, house.rooms, house.events, house.webhooks, calls=Calls()
            ).run()
        )
        await nothing_left(house)
        working.cancel()


async def test_what_fails_ends_neither_the_work_nor_the_server(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, asyncio.TaskGroup() as tasks, asyncio.timeout(10):
        calls = Calls()
        saying = Farewell(
            house.resources, house.rooms, house.events, house.webhooks, calls=_Failing(calls)
        )
        working = tasks.create_task(saying.run())

        with capture_logs() as logs:
            saying.begin("bad")
            saying.begin("good")
            await calls.done.wait()

        assert [entry["event"] for entry in logs] == ["farewell_failed"]
        assert calls.ended == ["good"]
        working.cancel()


@dataclass
class _Failing:
    """Where ending the calls of one resource is beyond help."""

    calls: Calls

    async def end_resource(self, resource_id: str) -> None:
        if resource_id == "bad":
            raise RuntimeError("broken")
        await self.calls.end_resource(resource_id)
