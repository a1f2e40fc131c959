"""A resource is deleted while people of it are in a call."""

from uuid import uuid4

import pytest

from openrooms.calling.model import REVOKED
from openrooms.rooms.model import Role

from .world import World

pytestmark = pytest.mark.anyio


async def test_live_legs_end_with_the_resource_they_are_of(world: World) -> None:
    doctor = await world.person()
    room = await world.room(**{doctor.raw_id: Role.PRESENTER})
    agent = await world.agent(doctor)
    joined = await world.calls.join(agent, str(room.id), join_id=str(uuid4()))
    await world.resources.create("other")
    await world.resources.delete("default", force=True)

    await world.calls.settle_all()

    leg = await world.calls.leg(joined.leg.id)
    assert leg is not None
    assert leg.end == REVOKED
    assert await world.calls.live_calls() == []
