"""Two who change what a call stands on at the same moment never both win, on either store.

On PostgreSQL the two are two processes: each has services and connections of its own.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from openrooms.calling.consequences import LegEnded
from openrooms.calling.errors import CallFull, CallingError, NotInvited
from openrooms.calling.joining import Admission, Agent
from openrooms.calling.model import JOINED_AGAIN, MOST_LEGS_OF_A_USER
from openrooms.identity.errors import TokenRefused
from openrooms.kernel.ids import new_guid
from openrooms.rooms.model import Role, Room
from openrooms.storage.errors import DatabaseBusy, OutcomeUnknown

from .phones import Phones
from .world import World, open_world

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

LEAST_ROUNDS = 40
SEATS = 5
TRIES = 10
PEOPLE, STRANGERS, DEVICES = 50, 5, 8


@pytest.fixture
def rounds(race_rounds: int) -> int:
    """How often those race who are but two, and soon done."""
    return max(LEAST_ROUNDS, race_rounds)


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
    """Where too many wait, or nobody can say what became of it, ask again under the same id, as clients do."""
    join_id = str(uuid4())
    for _ in range(TRIES - 1):
        with suppress(DatabaseBusy, OutcomeUnknown):
            await world.calls.join(agent, str(room.id), join_id=join_id)
            return
    await world.calls.join(agent, str(room.id), join_id=join_id)


async def race(*racers: Awaitable[object]) -> list[object]:
    """Let them run at once. A refusal is an outcome, "too many wait" is, too; any other error is none."""
    outcomes = await asyncio.gather(*racers, return_exceptions=True)
    for one in outcomes:
        if isinstance(one, Exception) and not isinstance(one, CallingError | DatabaseBusy):
            raise one
    return list(outcomes)


async def invited(world: World) -> tuple[Agent, Room]:
    user = await world.person()
    return await world.agent(user), await world.room(**{user.raw_id: Role.ATTENDEE})


async def nobody_is_in(world: World) -> bool:
    return not await world.calls.all_live_legs() and not await world.calls.live_calls()


async def test_a_join_and_a_removal(one: World, other: World, rounds: int) -> None:
    for _ in range(rounds):
        agent, room = await invited(one)

        await race(join(one, room, agent), other.invite(room, {agent.raw_id: None}))

        assert await nobody_is_in(one)


async def test_a_join_and_the_end_of_the_room(one: World, other: World, rounds: int) -> None:
    for _ in range(rounds):
        agent, room = await invited(one)

        await race(join(one, room, agent), other.rooms.delete(one.resource_id, str(room.id)))

        assert await nobody_is_in(one)


async def test_a_join_and_a_revocation(one: World, other: World, rounds: int) -> None:
    for _ in range(rounds):
        agent, room = await invited(one)

        await race(join(one, room, agent), other.identities.revoke(one.resource_id, agent.raw_id))

        assert await nobody_is_in(one)


async def test_many_who_open_a_call_at_once_open_one_with_no_seat_too_many(
    one: World, other: World, rounds: int
) -> None:
    people = [await one.agent(await one.person()) for _ in range(2 * SEATS)]
    for _ in range(rounds // 10):
        room = await one.room(**{agent.raw_id: Role.ATTENDEE for agent in people})

        outcomes = await race(
            *(join((one, other)[at % 2], room, agent) for at, agent in enumerate(people))
        )

        [call] = await one.calls.live_calls()
        assert len(await one.calls.live_legs(call.id)) == SEATS
        assert sum(isinstance(one, CallFull) for one in outcomes) == SEATS
        await one.rooms.delete(one.resource_id, str(room.id))


async def test_the_last_who_leaves_and_one_who_joins(one: World, other: World, rounds: int) -> None:
    for _ in range(rounds):
        agent, room = await invited(one)
        second = await one.agent(await one.person())
        await one.invite(room, {second.raw_id: Role.ATTENDEE})
        await join(one, room, agent)

        await race(one.calls.leave(agent), join(other, room, second))

        [call] = await one.calls.live_calls()
        [leg] = await one.calls.live_legs(call.id)
        assert leg.raw_id == second.raw_id
        await one.rooms.delete(one.resource_id, str(room.id))


async def test_of_four_hundred_who_join_at_once_as_many_come_in_as_there_are_seats(
    one: World, other: World, race_rounds: int
) -> None:
    users = [await one.person() for _ in range(100)]
    agents = [await one.agent(user) for user in users for _ in range(4)]
    for _ in range(race_rounds):
        room = await one.room(**{user.raw_id: Role.ATTENDEE for user in users})

        outcomes = await race(
            *(join((one, other)[at % 2], room, agent) for at, agent in enumerate(agents))
        )

        [call] = await one.calls.live_calls()
        assert len(await one.calls.live_legs(call.id)) == SEATS
        assert outcomes.count(None) == SEATS
        await one.rooms.delete(one.resource_id, str(room.id))


async def a_crowd(world: World, *, by_user: bool) -> tuple[list[Agent], set[str]]:
    """Agents in the order in which they come, each user with eight; and who of them is to be invited.

    `by_user`: all of one user come together; else the first of each user comes first.
    """
    users = [await world.agent(await world.person()) for _ in range(PEOPLE + STRANGERS)]
    agents = [replace(user, id=new_guid()) for user in users for _ in range(DEVICES)]
    if not by_user:
        agents = [agent for device in range(DEVICES) for agent in agents[device::DEVICES]]
    return agents, {user.raw_id for user in users[STRANGERS:]}


def gave_way(worlds: list[World]) -> Counter[str]:
    """How many legs of each user ended for newer ones of his; nothing else may have ended."""
    ended = [one for world in worlds for one in world.followed.all if isinstance(one, LegEnded)]
    assert {one.reason for one in ended} <= {JOINED_AGAIN}
    return Counter(one.leg.raw_id for one in ended)


@pytest.mark.parametrize("by_user", [True, False], ids=["by-user", "by-device"])
async def test_devices_give_way_to_those_of_the_same_user_alone(
    one: World, other: World, race_rounds: int, *, by_user: bool
) -> None:
    """Each seat is taken once. Who has as many as a user may have gives up his oldest for a newer."""
    agents, invited = await a_crowd(one, by_user=by_user)
    # On a file both are one.
    worlds = [one] if one is other else [one, other]
    for _ in range(max(1, race_rounds // 20)):
        room = await one.room(**dict.fromkeys(invited, Role.ATTENDEE))

        outcomes = await race(
            *(join((one, other)[at % 2], room, agent) for at, agent in enumerate(agents))
        )

        met = list(zip((agent.raw_id for agent in agents), outcomes, strict=True))
        let_in = Counter(user for user, outcome in met if outcome is None)
        [call] = await one.calls.live_calls()
        staying = Counter(leg.raw_id for leg in await one.calls.live_legs(call.id))
        holders = {user for user, legs in staying.items() if legs == MOST_LEGS_OF_A_USER}
        gone = gave_way(worlds)
        assert staying.total() == SEATS
        assert staying + gone == let_in
        assert gone.keys() <= holders <= invited
        # The room is full from the moment on when he holds all of it, and never was before.
        assert not holders & {user for user, outcome in met if isinstance(outcome, CallFull)}
        assert not invited & {user for user, outcome in met if isinstance(outcome, NotInvited)}
        assert let_in.keys() <= invited
        await one.rooms.delete(one.resource_id, str(room.id))
        for world in worlds:
            world.followed.all.clear()


async def test_a_token_that_is_renewed_while_all_are_revoked(
    one: World, other: World, race_rounds: int
) -> None:
    for _ in range(race_rounds):
        agent, room = await invited(one)
        await join(one, room, agent)

        await race(renew(other, room, agent), one.identities.revoke(one.resource_id, agent.raw_id))

        now = (await one.agent(agent.caller.user)).caller.generation
        assert {leg.generation for leg in await one.calls.all_live_legs()} <= {now}
        await one.rooms.delete(one.resource_id, str(room.id))


async def renew(world: World, room: Room, agent: Agent) -> None:
    """The agent's user gets a new token, and joins with it, unless it was void before."""
    with suppress(TokenRefused):
        await join(world, room, await world.agent(agent.caller.user))


async def accept(world: World, agent: Agent, leg_id: str) -> Admission:
    return await world.services.answers.accept(agent, leg_id, join_id=str(uuid4()))


async def rung(world: World) -> tuple[Agent, Agent, Agent, str]:
    """A call that rings: who calls, two agents of whom he calls, and the leg that rings."""
    phones = Phones(world)
    caller, callee = await phones.agent(), await phones.agent()
    second = await phones.agent(callee)
    await phones.call(caller, callee)
    return caller, callee, second, phones.ringing(callee).id


async def test_two_agents_who_answer_one_call(one: World, other: World, race_rounds: int) -> None:
    for _ in range(race_rounds):
        caller, first, second, leg_id = await rung(one)

        outcomes = await race(accept(one, first, leg_id), accept(other, second, leg_id))

        legs = await one.calls.all_live_legs()
        assert sum(isinstance(one, Admission) for one in outcomes) == 1
        assert {leg.raw_id for leg in legs} == {caller.raw_id, first.raw_id}
        assert len(legs) == 2
        await one.calls.leave(caller)


async def test_an_answer_and_a_hang_up_of_who_calls(
    one: World, other: World, race_rounds: int
) -> None:
    for _ in range(race_rounds):
        caller, callee, _, leg_id = await rung(one)

        await race(accept(other, callee, leg_id), one.calls.leave(caller))

        assert await nobody_is_in(one)


async def test_an_agent_who_answers_and_one_who_declines(
    one: World, other: World, race_rounds: int
) -> None:
    for _ in range(race_rounds):
        caller, first, second, leg_id = await rung(one)

        await race(accept(one, first, leg_id), other.services.answers.reject(second, leg_id))

        [call] = await one.calls.live_calls()
        assert len(await one.calls.live_legs(call.id)) == 2
        assert len(await one.calls.open_legs(call.id)) == 2
        await one.calls.leave(caller)


async def test_an_agent_who_answers_and_declines_at_once(
    one: World, other: World, race_rounds: int
) -> None:
    for _ in range(race_rounds):
        caller, callee, second, leg_id = await rung(one)
        await one.services.answers.reject(second, leg_id)

        outcomes = await race(
            accept(one, callee, leg_id), other.services.answers.reject(callee, leg_id)
        )

        took = any(isinstance(one, Admission) for one in outcomes)
        assert len(await one.calls.all_live_legs()) == 2 * took
        await one.calls.leave(caller)
