"""Whose leg ends while he connects is told so, also when the engine says nothing about his place."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.fakes import FakeEngine
from websockets.exceptions import InvalidStatus

from openrooms.media.errors import EngineAway

from .house import House, invited, open_fake_house, soon

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


class ClosingEngine(FakeEngine):
    """As the real one while it closes a room: it knows nothing of who is in there."""

    async def remove(self, room: str, identity: str) -> bool:
        raise EngineAway(f"no response about {identity} in {room}")


@pytest.fixture
def engine() -> ClosingEngine:
    return ClosingEngine()


@pytest.fixture
async def house(
    tmp_path: Path, database_url: str | None, engine: ClosingEngine
) -> AsyncIterator[House]:
    async with open_fake_house(tmp_path, database_url, engine) as opened:
        yield opened


async def test_who_is_removed_while_the_engine_lets_him_in_is_refused_with_the_reason(
    house: House, engine: ClosingEngine
) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client, asyncio.TaskGroup() as tasks:
        ticket = (await client.join(room.id))["media"]["ticket"]
        engine.letting_in.clear()
        entering = tasks.create_task(refusal(house, ticket))

        async def is_at_the_door() -> bool:
            await asyncio.sleep(0)
            return engine.waiting == 1

        await soon(is_at_the_door)
        await house.world.invite(room, {user.raw_id: None})
        engine.letting_in.set()

    status, body = entering.result()
    assert (status, "5317" in body) == (403, True)


async def refusal(house: House, ticket: str) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as refused:
        async with house.media(ticket):
            pass
    return refused.value.response.status_code, (refused.value.response.body or b"").decode()
