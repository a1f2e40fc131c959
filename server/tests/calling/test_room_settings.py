"""What is set for one room, in its call."""

from uuid import uuid4

import pytest

from openrooms.calling.consequences import RoleChanged
from openrooms.calling.errors import CallFull
from openrooms.calling.joining import Admission
from openrooms.kernel.identifiers import CommunicationUser
from openrooms.rooms.model import Role, Room

from .world import World

pytestmark = pytest.mark.anyio


async def come(world: World, room: Room, user: CommunicationUser) -> Admission:
    return await world.calls.join(await world.agent(user), str(room.id), join_id=str(uuid4()))


async def test_a_room_with_two_seats_takes_no_third(world: World) -> None:
    people = [await world.person() for _ in range(3)]
    room = await world.room(**{user.raw_id: Role.ATTENDEE for user in people})
    await world.set(room, participantLimit=2)
    await come(world, room, people[0])
    await come(world, room, people[1])

    with pytest.raises(CallFull):
        await come(world, room, people[2])

    await world.set(room, participantLimit=None)
    assert (await come(world, room, people[2])).leg.end is None


async def test_a_rooms_limit_never_opens_more_seats_than_the_server_has(
    small_world: World,
) -> None:
    people = [await small_world.person() for _ in range(3)]
    room = await small_world.room(**{user.raw_id: Role.ATTENDEE for user in people})
    await small_world.set(room, participantLimit=300)
    await come(small_world, room, people[0])
    await come(small_world, room, people[1])

    with pytest.raises(CallFull):
        await come(small_world, room, people[2])


async def test_permissions_hold_from_the_join_on(world: World) -> None:
    user = await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE})
    await world.set(room, permissions={user.raw_id: {"shareScreen": True, "unmuteMic": False}})

    leg = (await come(world, room, user)).leg

    assert leg.capabilities.has("shareScreen")
    assert not leg.capabilities.has("unmuteMic")


async def test_permissions_change_a_live_leg_and_outlive_another_role(world: World) -> None:
    user = await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE})
    leg = (await come(world, room, user)).leg

    await world.set(room, permissions={user.raw_id: {"unmuteMic": False}})
    await world.invite(room, {user.raw_id: Role.PRESENTER})

    changes = [one.leg for one in world.followed.all if isinstance(one, RoleChanged)]
    assert [(one.version, one.role) for one in changes] == [
        (leg.version + 1, Role.ATTENDEE),
        (leg.version + 2, Role.PRESENTER),
    ]
    assert not any(one.capabilities.has("unmuteMic") for one in changes)
