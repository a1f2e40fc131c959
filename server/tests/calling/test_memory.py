"""While the database is away, live legs open their media again for a minute, and nobody else does."""

from uuid import uuid4

import pytest

from openrooms.calling.errors import LegOver, SignedOut
from openrooms.calling.joining import Agent
from openrooms.calling.memory import LegMemory
from openrooms.calling.model import HUNG_UP, Leg
from openrooms.calling.service import Calls
from openrooms.rooms.model import Role, Room
from openrooms.storage.errors import DatabaseAway, DatabaseBusy

from .test_watches import Seconds
from .world import World

pytestmark = pytest.mark.anyio


class Outage:
    """The real calls, whose database goes away when a test says so."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self.database_is_away = False
        self.is_busy = False

    async def leg_of_ticket(self, ticket: str) -> Leg:
        self._fail()
        return await self._calls.leg_of_ticket(ticket)

    async def leg(self, leg_id: str) -> Leg | None:
        self._fail()
        return await self._calls.leg(leg_id)

    def _fail(self) -> None:
        if self.database_is_away:
            raise DatabaseAway
        if self.is_busy:
            raise DatabaseBusy


class Scene:
    """Someone in a call, and the gate's memory."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.outage = Outage(world.calls)
        self.seconds = Seconds()
        self.memory = LegMemory(self.outage, self.seconds)
        world.services.decisions.report_to(self.memory)

    async def join(self) -> tuple[Leg, str, Room]:
        """A leg, its ticket, and the room it is in."""
        user = await self.world.person()
        room = await self.world.room(**{user.raw_id: Role.PRESENTER})
        self.agent: Agent = await self.world.agent(user)
        joined = await self.world.calls.join(self.agent, str(room.id), join_id=str(uuid4()))
        return joined.leg, joined.ticket, room


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


async def test_who_was_seen_comes_back_with_the_rights_he_had(scene: Scene) -> None:
    leg, ticket, _ = await scene.join()
    await scene.memory.of_ticket(ticket)

    scene.outage.database_is_away = True

    assert await scene.memory.of_ticket(ticket) == leg
    assert await scene.memory.leg(leg.id) == leg


async def test_who_was_never_seen_waits(scene: Scene) -> None:
    leg, ticket, _ = await scene.join()

    scene.outage.database_is_away = True

    with pytest.raises(DatabaseAway):
        await scene.memory.of_ticket(ticket)
    with pytest.raises(DatabaseAway):
        await scene.memory.leg(leg.id)


async def test_it_holds_for_a_minute_from_the_last_look(scene: Scene) -> None:
    leg, ticket, _ = await scene.join()
    await scene.memory.of_ticket(ticket)
    scene.seconds.now += 50
    scene.memory.confirm([leg])

    scene.outage.database_is_away = True
    scene.seconds.now += 60
    known = await scene.memory.of_ticket(ticket)
    scene.seconds.now += 1

    assert known == leg
    with pytest.raises(DatabaseAway):
        await scene.memory.of_ticket(ticket)


async def test_what_is_long_unseen_is_forgotten(scene: Scene) -> None:
    leg, ticket, _ = await scene.join()
    await scene.memory.of_ticket(ticket)
    scene.seconds.now += 61
    scene.memory.confirm([])

    scene.seconds.now -= 61
    scene.outage.database_is_away = True

    with pytest.raises(DatabaseAway):
        await scene.memory.of_ticket(ticket)
    with pytest.raises(DatabaseAway):
        await scene.memory.leg(leg.id)


async def test_who_left_stays_out_also_when_a_look_from_before_comes_late(scene: Scene) -> None:
    leg, ticket, _ = await scene.join()
    await scene.memory.of_ticket(ticket)
    await scene.world.calls.end(leg.id, HUNG_UP)
    scene.memory.confirm([leg])

    scene.outage.database_is_away = True

    with pytest.raises(LegOver):
        await scene.memory.of_ticket(ticket)
    ended = await scene.memory.leg(leg.id)
    assert ended is not None
    assert ended.end == HUNG_UP


async def test_another_role_is_remembered_and_never_the_old_one(scene: Scene) -> None:
    leg, ticket, room = await scene.join()
    await scene.memory.of_ticket(ticket)
    await scene.world.invite(room, {leg.raw_id: Role.CONSUMER})
    scene.memory.confirm([leg])

    scene.outage.database_is_away = True

    assert (await scene.memory.of_ticket(ticket)).grants.sources == frozenset()


async def test_of_two_tickets_of_a_leg_the_newer_one_is_good(scene: Scene) -> None:
    _, _, room = await scene.join()
    join_id = str(uuid4())
    first = await scene.world.calls.join(scene.agent, str(room.id), join_id=join_id)
    await scene.memory.of_ticket(first.ticket)
    again = await scene.world.calls.join(scene.agent, str(room.id), join_id=join_id)
    with pytest.raises(SignedOut):
        await scene.memory.of_ticket(first.ticket)
    await scene.memory.of_ticket(again.ticket)

    scene.outage.database_is_away = True

    assert (await scene.memory.of_ticket(again.ticket)).id == first.leg.id
    with pytest.raises(DatabaseAway):
        await scene.memory.of_ticket(first.ticket)


async def test_a_database_that_is_only_busy_is_waited_for(scene: Scene) -> None:
    leg, ticket, _ = await scene.join()
    await scene.memory.of_ticket(ticket)

    scene.outage.is_busy = True

    with pytest.raises(DatabaseBusy):
        await scene.memory.of_ticket(ticket)
    with pytest.raises(DatabaseBusy):
        await scene.memory.leg(leg.id)
