"""Joining, leaving, and every change that reaches a live leg, on a real database."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from openrooms.calling import store
from openrooms.calling.consequences import CallEnded, LegEnded, RoleChanged, TokensRevoked
from openrooms.calling.errors import (
    CallFull,
    LegOver,
    MalformedRoomId,
    NoSuchRoom,
    NotInvited,
    OutsideWindow,
    SignedOut,
)
from openrooms.calling.joining import Admission
from openrooms.calling.model import HUNG_UP, VANISHED
from openrooms.kernel.identifiers import CommunicationUser
from openrooms.rooms.model import Role, Room, RoomChange

from .world import World, open_world

pytestmark = pytest.mark.anyio


async def come_in(world: World, room: Room, user: CommunicationUser) -> Admission:
    agent = await world.agent(user, "Someone")
    return await world.calls.join(agent, str(room.id), join_id=str(uuid4()))


async def test_the_first_to_join_opens_the_call_and_the_next_meets_him_there(world: World) -> None:
    doctor, patient = await world.person(), await world.person()
    room = await world.room(**{doctor.raw_id: Role.PRESENTER, patient.raw_id: Role.ATTENDEE})

    first = await come_in(world, room, doctor)
    second = await come_in(world, room, patient)

    assert first.call == second.call
    assert (first.leg.role, second.leg.role) == (Role.PRESENTER, Role.ATTENDEE)
    assert {leg.id for leg in await world.calls.live_legs(first.call.id)} == {
        first.leg.id,
        second.leg.id,
    }


async def test_a_stranger_is_refused_and_leaves_no_trace(world: World) -> None:
    room = await world.room()

    with pytest.raises(NotInvited):
        await come_in(world, room, await world.person())

    assert await world.calls.live_calls() == []
    assert await world.calls.all_live_legs() == []


async def test_an_unknown_room_a_deleted_one_and_a_malformed_id_are_told_apart(
    world: World,
) -> None:
    agent = await world.agent(user := await world.person())
    room = await world.room(**{user.raw_id: Role.ATTENDEE})
    await world.rooms.delete(world.resource_id, str(room.id))

    with pytest.raises(NoSuchRoom):
        await world.calls.join(agent, str(room.id), join_id=str(uuid4()))
    with pytest.raises(NoSuchRoom):
        await world.calls.join(agent, "99400000000000001", join_id=str(uuid4()))
    with pytest.raises(MalformedRoomId):
        await world.calls.join(agent, "lobby", join_id=str(uuid4()))


async def test_the_room_of_another_resource_is_unknown(world: World) -> None:
    room = await world.room(**{(user := await world.person()).raw_id: Role.ATTENDEE})
    agent = await world.agent(user)
    elsewhere = CommunicationUser(str(uuid4()), user.user)

    found = await world.database.read(
        partial(world.rooms.find, room_id=room.id, resource_id=elsewhere.resource)
    )

    assert found is None
    assert agent.raw_id != elsewhere.raw_id


async def test_nobody_joins_outside_the_window(world: World) -> None:
    user = await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE})
    world.clock.advance(days=180)

    with pytest.raises(OutsideWindow):
        await come_in(world, room, user)


async def test_a_live_leg_outlives_the_window(world: World) -> None:
    user = await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE})
    admission = await come_in(world, room, user)
    world.clock.advance(days=181)

    await world.calls.settle_all()

    assert (await world.calls.leg_of_ticket(admission.ticket)).id == admission.leg.id


async def test_a_revoked_token_no_longer_joins(world: World) -> None:
    user = await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE})
    agent = await world.agent(user)
    await world.identities.revoke(world.resource_id, user.raw_id)

    with pytest.raises(SignedOut):
        await world.calls.join(agent, str(room.id), join_id=str(uuid4()))


async def test_an_expired_token_no_longer_joins(world: World) -> None:
    user = await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE})
    agent = await world.agent(user)
    world.clock.advance(hours=24)

    with pytest.raises(SignedOut):
        await world.calls.join(agent, str(room.id), join_id=str(uuid4()))


async def test_a_full_call_refuses_and_a_freed_seat_is_taken(tmp_path: Path) -> None:
    async with open_world(tmp_path, most_legs=2) as world:
        people = [await world.person() for _ in range(3)]
        room = await world.room(**{user.raw_id: Role.ATTENDEE for user in people})
        first = await come_in(world, room, people[0])
        await come_in(world, room, people[1])

        with pytest.raises(CallFull):
            await come_in(world, room, people[2])
        await world.calls.end(first.leg.id, HUNG_UP)

        assert (await come_in(world, room, people[2])).call == first.call


async def test_a_join_that_is_repeated_gives_the_same_leg_and_a_new_ticket(world: World) -> None:
    user = await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE})
    agent, join_id = await world.agent(user), str(uuid4())

    first = await world.calls.join(agent, str(room.id), join_id=join_id)
    second = await world.calls.join(agent, str(room.id), join_id=join_id)

    assert first.leg == second.leg
    with pytest.raises(SignedOut):
        await world.calls.leg_of_ticket(first.ticket)
    assert (await world.calls.leg_of_ticket(second.ticket)).id == first.leg.id


async def test_the_join_of_another_user_is_never_repeated(world: World) -> None:
    mine, theirs = await world.person(), await world.person()
    room = await world.room(**{mine.raw_id: Role.ATTENDEE, theirs.raw_id: Role.PRESENTER})
    agent, join_id = await world.agent(theirs), str(uuid4())
    victim = await world.calls.join(agent, str(room.id), join_id=join_id)
    thief = (await world.agent(mine)).__class__(agent.id, (await world.agent(mine)).caller, "")

    stolen = await world.calls.join(thief, str(room.id), join_id=join_id)

    assert stolen.leg.raw_id == mine.raw_id
    assert (await world.calls.leg_of_ticket(victim.ticket)).id == victim.leg.id


async def test_two_devices_of_one_user_are_two_legs(world: World) -> None:
    user = await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE})

    first, second = await come_in(world, room, user), await come_in(world, room, user)

    assert first.leg.id != second.leg.id
    assert first.leg.seat != second.leg.seat


async def test_an_agent_that_joins_again_has_one_leg(world: World) -> None:
    user = await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE})
    agent = await world.agent(user)
    first = await world.calls.join(agent, str(room.id), join_id=str(uuid4()))

    second = await world.calls.join(agent, str(room.id), join_id=str(uuid4()))

    assert [leg.id for leg in await world.calls.live_legs(first.call.id)] == [second.leg.id]
    [ended] = world.followed.all
    assert isinstance(ended, LegEnded)
    assert (ended.leg.id, ended.reason.code) == (first.leg.id, 0)


@pytest.mark.parametrize("seconds", [1, 0, -1])
async def test_the_oldest_of_many_devices_gives_way_whatever_the_clock_says(
    world: World, seconds: int
) -> None:
    user = await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE})
    world.clock.advance(minutes=1)
    joined = []
    for _ in range(7):
        world.clock.advance(seconds=seconds)
        joined.append(await come_in(world, room, user))

    live = [leg.id for leg in await world.calls.live_legs(joined[0].call.id)]

    assert live == [admission.leg.id for admission in joined[2:]]


async def test_who_only_takes_his_own_seat_anew_gets_into_a_full_call(tmp_path: Path) -> None:
    async with open_world(tmp_path, most_legs=1) as world:
        user = await world.person()
        room = await world.room(**{user.raw_id: Role.ATTENDEE})
        agent = await world.agent(user)
        await world.calls.join(agent, str(room.id), join_id=str(uuid4()))

        again = await world.calls.join(agent, str(room.id), join_id=str(uuid4()))

        assert (await world.calls.leg_of_ticket(again.ticket)).id == again.leg.id


async def test_a_repeated_join_with_revoked_tokens_is_refused(world: World) -> None:
    user = await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE})
    agent, join_id = await world.agent(user), str(uuid4())
    await world.calls.join(agent, str(room.id), join_id=join_id)
    world.clock.advance(hours=24)

    with pytest.raises(SignedOut):
        await world.calls.join(agent, str(room.id), join_id=join_id)


async def test_leaving_ends_the_leg_and_the_last_to_leave_ends_the_call(world: World) -> None:
    user = await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE})
    agent = await world.agent(user)
    admission = await world.calls.join(agent, str(room.id), join_id=str(uuid4()))

    await world.calls.leave(agent, admission.call.id)
    await world.calls.leave(agent, admission.call.id)

    assert [type(one) for one in world.followed.all] == [LegEnded, CallEnded]
    assert await world.calls.live_calls() == []
    assert (await come_in(world, room, user)).call.id != admission.call.id


async def test_the_first_reason_for_which_a_leg_ended_stays(world: World) -> None:
    user = await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE})
    admission = await come_in(world, room, user)

    await world.calls.end(admission.leg.id, VANISHED)
    await world.calls.end(admission.leg.id, HUNG_UP)

    leg = await world.calls.leg(admission.leg.id)
    assert leg is not None
    assert leg.end == VANISHED


async def test_taken_off_the_roster_the_leg_ends_and_its_ticket_is_worth_nothing(
    world: World,
) -> None:
    doctor, patient = await world.person(), await world.person()
    room = await world.room(**{doctor.raw_id: Role.PRESENTER, patient.raw_id: Role.ATTENDEE})
    await come_in(world, room, doctor)
    admission = await come_in(world, room, patient)

    await world.invite(room, {patient.raw_id: None})

    [ended] = world.followed.all
    assert isinstance(ended, LegEnded)
    assert (ended.leg.id, ended.reason.code, ended.reason.sub_code) == (admission.leg.id, 0, 5317)
    with pytest.raises(LegOver) as refused:
        await world.calls.leg_of_ticket(admission.ticket)
    assert (refused.value.code, refused.value.sub_code) == (0, 5317)


async def test_added_again_he_may_join_at_once(world: World) -> None:
    patient = await world.person()
    room = await world.room(**{patient.raw_id: Role.ATTENDEE})
    await come_in(world, room, patient)
    await world.invite(room, {patient.raw_id: None})
    await world.invite(room, {patient.raw_id: Role.CONSUMER})

    assert (await come_in(world, room, patient)).leg.role is Role.CONSUMER


async def test_another_role_raises_the_version_of_the_leg(world: World) -> None:
    patient = await world.person()
    room = await world.room(**{patient.raw_id: Role.ATTENDEE})
    admission = await come_in(world, room, patient)

    await world.invite(room, {patient.raw_id: Role.CONSUMER})

    [changed] = world.followed.all
    assert isinstance(changed, RoleChanged)
    assert changed.leg.role is Role.CONSUMER
    leg = await world.calls.leg(admission.leg.id)
    assert leg is not None
    assert leg.version == admission.leg.version + 1


async def test_a_deleted_room_ends_everyone(world: World) -> None:
    people = [await world.person() for _ in range(2)]
    room = await world.room(**{user.raw_id: Role.ATTENDEE for user in people})
    for user in people:
        await come_in(world, room, user)

    await world.rooms.delete(world.resource_id, str(room.id))

    assert [type(one) for one in world.followed.all] == [LegEnded, LegEnded, CallEnded]
    assert await world.calls.live_calls() == []


async def test_a_changed_window_ends_nobody(world: World) -> None:
    user = await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE})
    await come_in(world, room, user)

    await world.rooms.update(
        world.resource_id, str(room.id), RoomChange(pstn_dial_out_enabled=True)
    )

    assert world.followed.all == []


async def test_revoked_tokens_end_the_users_legs_and_sign_him_out(world: World) -> None:
    user = await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE})
    await come_in(world, room, user)

    await world.identities.revoke(world.resource_id, user.raw_id)

    assert [type(one) for one in world.followed.all] == [LegEnded, CallEnded, TokensRevoked]
    ended = world.followed.all[0]
    assert isinstance(ended, LegEnded)
    assert (ended.reason.code, ended.reason.sub_code) == (401, 10009)


async def test_what_was_missed_is_settled_later(world: World) -> None:
    user, other = await world.person(), await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE, other.raw_id: Role.ATTENDEE})
    admission = await come_in(world, room, user)
    await come_in(world, room, other)
    promoted = replace(admission.leg, role=Role.PRESENTER)
    await world.database.write(partial(store.change_standing, changed=promoted))

    await world.calls.settle_all()

    [changed] = world.followed.all
    assert isinstance(changed, RoleChanged)
    assert changed.leg.role is Role.ATTENDEE


async def test_an_agent_that_comes_back_finds_its_legs_and_their_ends(world: World) -> None:
    user = await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE})
    agent = await world.agent(user)
    first = await world.calls.join(agent, str(room.id), join_id=str(uuid4()))
    await world.calls.end(first.leg.id, VANISHED)
    second = await world.calls.join(agent, str(room.id), join_id=str(uuid4()))

    found = {leg.id: leg.end for leg in await world.calls.legs_of_agent(agent)}

    assert found == {first.leg.id: VANISHED, second.leg.id: None}


async def test_ends_of_long_ago_are_not_told(world: World) -> None:
    user = await world.person()
    room = await world.room(**{user.raw_id: Role.ATTENDEE})
    agent = await world.agent(user)
    admission = await world.calls.join(agent, str(room.id), join_id=str(uuid4()))
    await world.calls.end(admission.leg.id, VANISHED)
    world.clock.advance(minutes=11)

    assert await world.calls.legs_of_agent(agent) == []


async def test_a_ticket_that_never_was_opens_nothing(world: World) -> None:
    with pytest.raises(SignedOut):
        await world.calls.leg_of_ticket("x" * 43)
