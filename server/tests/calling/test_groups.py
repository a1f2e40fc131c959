"""Calls by group id: whoever of the resource knows it may come."""

from uuid import uuid4

import pytest

from openrooms.calling.capabilities import CallKind
from openrooms.calling.consequences import CallEnded
from openrooms.calling.errors import CallFull, MalformedGroupId, SignedOut, StartNotAllowed
from openrooms.calling.joining import Admission, Agent
from openrooms.identity.model import Scope

from .world import World

pytestmark = pytest.mark.anyio


async def come(world: World, agent: Agent, group: str) -> Admission:
    return await world.calls.join_group(agent, group, join_id=str(uuid4()))


async def test_two_who_know_the_id_meet_without_any_list(world: World) -> None:
    group = str(uuid4())

    first = await come(world, await world.agent(await world.person()), group)
    second = await come(world, await world.agent(await world.person()), group.upper())

    assert first.call == second.call
    assert (first.call.kind, first.call.group_id) == (CallKind.GROUP, group)
    assert first.leg.role is None


async def test_when_the_last_has_left_the_id_begins_another_call(world: World) -> None:
    agent, group = await world.agent(await world.person()), str(uuid4())
    first = await come(world, agent, group)

    await world.calls.leave(agent)
    second = await come(world, agent, group)

    assert CallEnded(first.call.id) in world.followed.all
    assert second.call.id != first.call.id


async def test_another_resource_has_its_own_call_under_the_same_id(world: World) -> None:
    group, other = str(uuid4()), await world.elsewhere()
    mine = await come(world, await world.agent(await world.person()), group)
    theirs = await come(world, await world.agent(other), group)

    assert mine.call.id != theirs.call.id


async def test_a_token_for_joining_alone_starts_nothing_but_comes_in(world: World) -> None:
    guest = await world.agent(await world.person(), scopes=(Scope.VOIP_JOIN,))
    host, group = await world.agent(await world.person()), str(uuid4())

    with pytest.raises(StartNotAllowed):
        await come(world, guest, group)
    assert await world.calls.live_calls() == []
    call = (await come(world, host, group)).call

    assert (await come(world, guest, group)).call == call


async def test_an_id_that_is_no_guid_is_refused(world: World) -> None:
    with pytest.raises(MalformedGroupId):
        await come(world, await world.agent(await world.person()), "lobby")


async def test_the_cap_holds_for_a_group(small_world: World) -> None:
    group = str(uuid4())
    for _ in range(2):
        await come(small_world, await small_world.agent(await small_world.person()), group)

    with pytest.raises(CallFull):
        await come(small_world, await small_world.agent(await small_world.person()), group)


async def test_a_revoked_user_falls_out_of_a_group_and_the_others_stay(world: World) -> None:
    group, user = str(uuid4()), await world.person()
    agent = await world.agent(user)
    stays = await come(world, await world.agent(await world.person()), group)
    await come(world, agent, group)

    await world.identities.revoke(world.resource_id, user.raw_id)

    assert [leg.id for leg in await world.calls.live_legs(stays.call.id)] == [stays.leg.id]
    with pytest.raises(SignedOut):
        await come(world, agent, group)
