"""Who may come into a call while its engine is away, or about to end."""

from dataclasses import dataclass
from uuid import uuid4

import pytest

from openrooms.calling.assembly import CallServices, open_services
from openrooms.calling.errors import TryAgain
from openrooms.calling.joining import Agent, EngineState
from openrooms.rooms.model import Role, Room

from .world import World

pytestmark = pytest.mark.anyio


@dataclass(slots=True)
class Engine:
    """How the engine is, as a test says."""

    away: bool = False
    leaving: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """Two who are invited to a room, and the calls of an engine."""

    engine: Engine
    services: CallServices
    room: Room
    one: Agent
    two: Agent

    async def join(self, agent: Agent, join_id: str = "") -> str:
        joined = await self.services.calls.join(
            agent, str(self.room.id), join_id=join_id or str(uuid4())
        )
        return joined.leg.id


@pytest.fixture
async def scene(world: World) -> Scene:
    engine = Engine()
    services = await open_services(
        world.database,
        world.clock,
        rooms=world.rooms,
        identities=world.identities,
        engine=EngineState(away=lambda: engine.away, leaving=lambda: engine.leaving),
    )
    one, two = [await world.person() for _ in range(2)]
    room = await world.room(**{each.raw_id: Role.ATTENDEE for each in (one, two)})
    return Scene(engine, services, room, await world.agent(one), await world.agent(two))


async def test_without_an_engine_nobody_is_let_in_to_wait(scene: Scene) -> None:
    scene.engine.away = True

    with pytest.raises(TryAgain):
        await scene.join(scene.one)

    scene.engine.away = False
    assert await scene.join(scene.one)


async def test_an_answer_that_was_lost_is_given_again_also_without_an_engine(scene: Scene) -> None:
    join_id = str(uuid4())
    leg = await scene.join(scene.one, join_id)

    scene.engine.away = True

    assert await scene.join(scene.one, join_id) == leg


async def test_an_engine_that_is_about_to_end_takes_people_into_calls_that_run(
    scene: Scene,
) -> None:
    await scene.join(scene.one)

    scene.engine.leaving = True

    assert await scene.join(scene.two)


async def test_an_engine_that_is_about_to_end_takes_no_new_call(scene: Scene) -> None:
    scene.engine.leaving = True

    with pytest.raises(TryAgain):
        await scene.join(scene.one)
    with pytest.raises(TryAgain):
        await scene.services.calls.join_group(scene.one, str(uuid4()), join_id=str(uuid4()))
    assert await scene.services.calls.live_calls() == []
