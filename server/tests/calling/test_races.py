"""Two who change what a call stands on at the same moment never both win, on either store.

On PostgreSQL the two are two processes: each has services and connections of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from uuid import uuid4

import pytest

from openrooms.calling.errors import CallFull, JoinRefused
from openrooms.calling.joining import Agent
from openrooms.rooms.model import Role, Room

from .world import World, open_world

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

ROUNDS = 200
SEATS = 3


@pytest.fixture
async def one(tmp_path: Path, database_url: str | None) -> AsyncIterator[World]:
    async with open_world(tmp_path / "one", database_url, most_legs=SEATS) as opened:
        yield opened


@pytest.fixture
async def other(one: World, tmp_path: Path, database_url: str | None) -> AsyncIterator[World]:
    """Another process of the same database; a file has one process alone."""
    if database_url is None:
        yield one
        return
    (tmp_path / "other" / "data").mkdir(parents=True)
    key = (tmp_path / "one" / "data" / "master.key").read_bytes()
    (tmp_path / "other" / "data" / "master.key").write_bytes(key)
    async with open_world(tmp_path / "other", database_url, most_legs=SEATS) as opened:
        yield opened


async def join(world: World, room: Room, agent: Agent) -> None:
    await world.calls.join(agent, str(room.id), join_id=str(uuid4()))


async def race(*racers: Awaitable[object]) -> list[object]:
    """Let them run at once. A refusal is an outcome; any other error is none."""
    outcomes = await asyncio.gather(*racers, return_exceptions=True)
    for one in outcomes:
        if isinstance(one, Exception) and not isinstance(one, JoinRefused):
            raise one
    return list(outcomes)


async def invited(world: World) -> tuple[Agent, Room]:
    user = await world.person()
    return await world.agent(user), await world.room(**{user.raw_id: Role.ATTENDEE})


async def nobody_is_in(world: World) -> bool:
    return not await world.calls.all_live_legs() and not await world.calls.live_calls()


async def test_a_join_and_a_removal(one: World, other: World) -> None:
    for _ in range(ROUNDS):
        agent, room = await invited(one)

        await race(join(one, room, agent), other.invite(room, {agent.raw_id: None}))

        assert await nobody_is_in(one)


async def test_a_join_and_the_end_of_the_room(one: World, other: World) -> None:
    for _ in range(ROUNDS):
        agent, room = await invited(one)

        await race(join(one, room, agent), other.rooms.delete(one.resource_id, str(room.id)))

        assert await nobody_is_in(one)


async def test_a_join_and_a_revocation(one: World, other: World) -> None:
    for _ in range(ROUNDS):
        agent, room = await invited(one)

        await race(join(one, room, agent), other.identities.revoke(one.resource_id, agent.raw_id))

        assert await nobody_is_in(one)


async def test_many_who_open_a_call_at_once_open_one_with_no_seat_too_many(
    one: World, other: World
) -> None:
    people = [await one.agent(await one.person()) for _ in range(2 * SEATS)]
    for _ in range(ROUNDS // 10):
        room = await one.room(**{agent.raw_id: Role.ATTENDEE for agent in people})

        outcomes = await race(
            *(join((one, other)[at % 2], room, agent) for at, agent in enumerate(people))
        )

        [call] = await one.calls.live_calls()
        assert len(await one.calls.live_legs(call.id)) == SEATS
        assert sum(isinstance(one, CallFull) for one in outcomes) == SEATS
        await one.rooms.delete(one.resource_id, str(room.id))


async def test_the_last_who_leaves_and_one_who_joins(one: World, other: World) -> None:
    for _ in range(ROUNDS // 2):
        agent, room = await invited(one)
        second = await one.agent(await one.person())
        await one.invite(room, {second.raw_id: Role.ATTENDEE})
        await join(one, room, agent)

        await race(one.calls.leave(agent), join(other, room, second))

        [call] = await one.calls.live_calls()
        [leg] = await one.calls.live_legs(call.id)
        assert leg.raw_id == second.raw_id
        await one.rooms.delete(one.resource_id, str(room.id))
