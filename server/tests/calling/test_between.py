"""A removal or a demotion that falls between the gate's look at the leg and its connect."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from websockets.exceptions import InvalidStatus

from openrooms.media.engine import Engine, Grants, Seat, Upstream
from openrooms.media.errors import EngineAway
from openrooms.rooms.model import Role

from .house import House, invited, there

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


class Pausing:
    """The real engine, whose connect waits until the test lets it go on with what it was given."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()
        self.open_room = engine.open_room
        self.close_room = engine.close_room
        self.rooms = engine.rooms
        self.presences = engine.presences
        self.permit = engine.permit
        self.mute = engine.mute
        self.remove = engine.remove

    @asynccontextmanager
    async def connect(self, seat: Seat, query: str) -> AsyncIterator[Upstream]:
        self.reached.set()
        await self.go_on.wait()
        async with self._engine.connect(seat, query) as upstream:
            yield upstream


@pytest.fixture
def pausing(house: House, monkeypatch: pytest.MonkeyPatch) -> Pausing:
    made = Pausing(house.engine)
    gate = replace(house.side.gate, engine=made)
    monkeypatch.setattr(house.gates, "serving", gate)
    return made


async def test_who_was_removed_in_between_gets_nothing(house: House, pausing: Pausing) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client, asyncio.TaskGroup() as tasks:
        joined = await client.join(room.id)

        async def come() -> int:
            try:
                async with house.media(joined["media"]["ticket"]) as media:
                    return await media.close_code()
            except InvalidStatus as refused:
                return refused.response.status_code

        coming = tasks.create_task(come())
        await pausing.reached.wait()
        await house.world.invite(room, {user.raw_id: None})
        pausing.go_on.set()

        assert await coming == 403
        assert (await client.event("ended"))["subCode"] == 5317
        assert await there(house, joined["call"]["callId"], user) == []


async def test_who_was_demoted_in_between_gets_what_he_may_have(
    house: House, pausing: Pausing
) -> None:
    user, room = await invited(house, Role.PRESENTER)
    async with house.agent(user) as client, asyncio.TaskGroup() as tasks:
        joined = await client.join(room.id)
        seen: list[Grants] = []

        async def come() -> None:
            async with house.media(joined["media"]["ticket"]) as media:
                await media.hear("join")
                [presence] = await there(house, joined["call"]["callId"], user)
                seen.append(presence.grants)

        tasks.create_task(come())
        await pausing.reached.wait()
        await house.world.invite(room, {user.raw_id: Role.CONSUMER})
        pausing.go_on.set()

    assert seen == [Grants(frozenset())]


async def test_a_higher_role_is_told_though_the_engine_is_away(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, room = await invited(house)
    enforcer = house.side.enforcer
    monkeypatch.setattr(enforcer, "_stage", replace(enforcer._stage, engine=Away(house.engine)))
    async with house.agent(user) as client:
        await client.join(room.id)

        await house.world.invite(room, {user.raw_id: Role.PRESENTER})

        assert (await client.event("roleChanged"))["role"] == "Presenter"


class Away(Pausing):
    """The real engine, which does not answer when it is asked to permit."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.permit = self._away

    async def _away(self, room: str, identity: str, grants: Grants, *, name: str = "") -> bool:
        raise EngineAway
