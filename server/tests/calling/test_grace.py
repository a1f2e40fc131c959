"""What becomes of calls and joins when the grace of their room is over."""

from uuid import uuid4

import pytest

from openrooms.calling.consequences import CallEnded, LegEnded
from openrooms.calling.errors import NoSuchRoom
from openrooms.calling.model import ROOM_DELETED
from openrooms.rooms.model import Role

from .world import World

pytestmark = pytest.mark.anyio


async def test_a_room_that_is_gone_is_unknown_to_who_would_join(world: World) -> None:
    user = await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE})
    world.clock.advance(days=210)
    agent = await world.agent(user)

    with pytest.raises(NoSuchRoom):
        await world.calls.join(agent, str(room.id), join_id=str(uuid4()))


@pytest.mark.parametrize("swept", [False, True])
async def test_a_call_that_still_runs_ends_as_if_the_room_were_deleted(
    world: World, *, swept: bool
) -> None:
    user = await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE})
    await world.calls.join(await world.agent(user), str(room.id), join_id=str(uuid4()))
    world.clock.advance(days=210)

    if swept:
        await world.rooms.sweep()
    else:
        # Before the sweep has come to it, the reconciler sees it by the clock.
        await world.calls.settle_all()

    ended, closed = world.followed.all
    assert isinstance(ended, LegEnded)
    assert ended.reason == ROOM_DELETED
    assert isinstance(closed, CallEnded)
    assert await world.calls.live_calls() == []
