"""What happens in calls by time alone, on both stores."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from tests.clock import HandClock

from openrooms.calling.consequences import CallEnded, CallEnding, LegEnded
from openrooms.calling.errors import OutsideWindow
from openrooms.calling.joining import Admission, Agent
from openrooms.calling.model import (
    HUNG_UP,
    NO_ANSWER,
    REMOVED_BY_OTHER,
    TIME_OVER,
    TOKEN_LAPSED,
    TOO_LONG,
    EndReason,
)
from openrooms.calling.timing import Ending, Terms
from openrooms.identity.model import Scope, TokenWish
from openrooms.rooms.model import Role, Room, RoomChange
from openrooms.rooms.settings.model import AtExpiry

from .world import START, World, open_world

pytestmark = pytest.mark.anyio

ENDS = Terms(ending=Ending(AtExpiry.END))
GRACE = Terms(ending=Ending(AtExpiry.END, timedelta(minutes=10)))
UNTIL = START + timedelta(hours=1)


async def meeting(world: World, *names: str, until: datetime = UNTIL) -> tuple[Room, list[Agent]]:
    """A room whose window ends then, and an agent for each of its people."""
    people = [await world.person() for _ in names or ("one",)]
    room = await world.room(**{user.raw_id: Role.PRESENTER for user in people})
    await move_end(world, room, until)
    return room, [await world.agent(user) for user in people]


async def move_end(world: World, room: Room, until: datetime) -> None:
    await world.rooms.update(world.resource_id, str(room.id), RoomChange(valid_until=until))


async def join(world: World, room: Room, agent: Agent) -> Admission:
    return await world.calls.join(agent, str(room.id), join_id=str(uuid4()))


async def tick(world: World, *, clock: float = 0, seconds: float | None = None) -> None:
    """Time passes, and the timers look."""
    world.clock.advance(seconds=clock)
    world.seconds.advance(clock if seconds is None else seconds)
    await world.services.timers.tick()
    # What was armed by what was fired is looked at, too.
    await world.services.timers.tick()


def ended(world: World) -> list[EndReason]:
    return [one.reason for one in world.followed.all if isinstance(one, LegEnded)]


def told(world: World) -> list[datetime | None]:
    return [one.at for one in world.followed.all if isinstance(one, CallEnding)]


@pytest.fixture
async def ending(tmp_path: Path, database_url: str | None) -> AsyncIterator[World]:
    async with open_world(tmp_path, database_url, terms=ENDS) as opened:
        yield opened


@pytest.fixture
async def graceful(tmp_path: Path, database_url: str | None) -> AsyncIterator[World]:
    async with open_world(tmp_path, database_url, terms=GRACE) as opened:
        yield opened


# the end of a room's window


async def test_a_call_stays_beyond_the_window_unless_set_otherwise(world: World) -> None:
    room, [agent] = await meeting(world)
    await join(world, room, agent)

    await tick(world, clock=3 * 3600)

    assert (ended(world), told(world)) == ([], [])


async def test_a_call_that_ends_with_the_window_ends_to_the_second(ending: World) -> None:
    room, agents = await meeting(ending, "one", "two")
    admissions = [await join(ending, room, agent) for agent in agents]
    await tick(ending, clock=55 * 60 - 1)
    early = told(ending)
    await tick(ending, clock=1)
    warned = told(ending)
    await tick(ending, clock=5 * 60 - 1)
    late = ended(ending)
    await tick(ending, clock=1)

    assert (early, warned, late) == ([], [UNTIL], [])
    assert ended(ending) == [TIME_OVER, TIME_OVER]
    assert (TIME_OVER.code, TIME_OVER.sub_code) == (0, 7000)
    assert ending.followed.all[-1] == CallEnded(admissions[0].call.id)
    assert told(ending) == [UNTIL]


async def test_the_grace_is_told_at_its_start_and_runs_by_served_time(graceful: World) -> None:
    room, [agent] = await meeting(graceful)
    await join(graceful, room, agent)
    await tick(graceful, clock=55 * 60)
    await tick(graceful, clock=5 * 60)
    assert told(graceful) == [UNTIL + timedelta(minutes=10)] * 2
    await tick(graceful, clock=3600, seconds=599)
    early = ended(graceful)
    await tick(graceful, clock=0, seconds=1)

    assert early == []
    assert ended(graceful) == [TIME_OVER]


@pytest.mark.parametrize("minutes", [0, 3])
async def test_an_end_that_is_moved_nearer_holds_at_once(ending: World, minutes: int) -> None:
    room, [agent] = await meeting(ending)
    await join(ending, room, agent)
    near = START + timedelta(minutes=minutes, seconds=1)

    await move_end(ending, room, near)
    assert told(ending) == [near]
    await tick(ending, clock=minutes * 60 + 1)

    assert ended(ending) == [TIME_OVER]


async def test_an_end_that_is_moved_away_is_taken_back(graceful: World) -> None:
    room, [agent] = await meeting(graceful)
    await join(graceful, room, agent)
    await tick(graceful, clock=3600)

    await move_end(graceful, room, UNTIL + timedelta(hours=1))
    await tick(graceful, clock=1800)

    assert told(graceful)[-1] is None
    assert ended(graceful) == []


async def test_what_is_set_for_a_room_goes_before_what_is_set_for_all(world: World) -> None:
    room, [agent] = await meeting(world)
    await join(world, room, agent)
    await tick(world, clock=2 * 3600)

    await world.set(room, atExpiry="end", graceMinutes=1)
    first = told(world)
    await tick(world, clock=30)
    await world.set(room, graceMinutes=5)
    await tick(world, clock=31)
    later = ended(world)
    await world.set(room, graceMinutes=1)

    assert first == [START + timedelta(hours=2, minutes=1)]
    assert told(world)[1] == START + timedelta(hours=2, minutes=5)
    assert later == []
    assert ended(world) == [TIME_OVER]


async def test_a_room_may_stay_where_others_end(ending: World) -> None:
    room, [agent] = await meeting(ending)
    await ending.set(room, atExpiry="stay")
    await join(ending, room, agent)

    await tick(ending, clock=7200)

    assert ended(ending) == []


@pytest.mark.parametrize("seen_first", [True, False], ids=["before", "when"])
async def test_a_clock_that_is_set_back_gives_the_call_its_time_again(
    graceful: World, *, seen_first: bool
) -> None:
    """Seen before the grace would have been over, or when it is: the grace begins anew later."""
    room, [agent] = await meeting(graceful)
    await join(graceful, room, agent)
    await tick(graceful, clock=3600)
    graceful.clock.advance(hours=-1)
    if seen_first:
        await graceful.calls.settle_all()
    await tick(graceful, clock=900)
    back, kept = told(graceful)[-1], ended(graceful)

    await tick(graceful, clock=2700)
    await tick(graceful, clock=599)
    early = ended(graceful)
    await tick(graceful, clock=1)

    assert (back, kept, early) == (None, [], [])
    assert told(graceful)[-1] == UNTIL + timedelta(minutes=10)
    assert ended(graceful) == [TIME_OVER]


async def test_a_clock_that_is_set_back_a_little_moves_the_end(graceful: World) -> None:
    room, [agent] = await meeting(graceful)
    await join(graceful, room, agent)
    await tick(graceful, clock=3600 + 300)
    graceful.clock.advance(minutes=-7)

    await graceful.calls.settle_all()

    assert told(graceful) == [UNTIL + timedelta(minutes=15), UNTIL + timedelta(minutes=10)]


async def test_a_restart_forgets_no_end_and_counts_no_time_away(
    tmp_path: Path, database_url: str | None
) -> None:
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(open_world(tmp_path, database_url, terms=GRACE))
        room, [agent] = await meeting(world)
        await join(world, room, agent)
        await tick(world, clock=3600)
        await tick(world, clock=300)
    # Nobody serves for twenty minutes; the machine is started anew meanwhile.
    clock = HandClock(world.clock() + timedelta(minutes=20))
    async with open_world(tmp_path, database_url, terms=GRACE, clock=clock) as again:
        await tick(again, clock=299)
        early = ended(again)
        await tick(again, clock=1)

        assert early == []
        assert ended(again) == [TIME_OVER]


# coming back after the window


async def test_nobody_new_comes_after_the_window(world: World) -> None:
    room, [first, second] = await meeting(world, "one", "two")
    await join(world, room, first)
    world.clock.advance(hours=1)

    with pytest.raises(OutsideWindow):
        await join(world, room, second)


@pytest.mark.parametrize("terms", [Terms(), GRACE])
@pytest.mark.parametrize(("away", "comes"), [(59.999, True), (60, False)])
async def test_who_was_away_for_less_than_a_minute_comes_back(
    tmp_path: Path, database_url: str | None, terms: Terms, *, away: float, comes: bool
) -> None:
    async with open_world(tmp_path, database_url, terms=terms) as world:
        room, [stays, goes] = await meeting(world, "one", "two")
        await join(world, room, stays)
        await join(world, room, goes)
        await tick(world, clock=3600 + 30)
        await world.calls.leave(goes)
        await tick(world, clock=away)
        page = await world.agent(goes.caller.user)

        if comes:
            assert (await join(world, room, page)).leg.raw_id == goes.raw_id
        else:
            with pytest.raises(OutsideWindow):
                await join(world, room, page)


async def test_a_page_that_is_loaded_anew_comes_back_while_its_old_leg_lives(world: World) -> None:
    room, [agent] = await meeting(world)
    old = await join(world, room, agent)
    world.clock.advance(hours=2)

    new = await join(world, room, await world.agent(agent.caller.user))

    assert new.call == old.call


async def test_who_was_put_out_does_not_come_back_after_the_window(world: World) -> None:
    room, [first, second] = await meeting(world, "one", "two")
    await join(world, room, first)
    leg = (await join(world, room, second)).leg
    world.clock.advance(hours=1)
    await world.calls.end(leg.id, REMOVED_BY_OTHER)

    with pytest.raises(OutsideWindow):
        await join(world, room, second)


async def test_a_call_that_is_over_lets_nobody_back(world: World) -> None:
    room, [agent] = await meeting(world)
    await join(world, room, agent)
    world.clock.advance(hours=1)
    await world.calls.leave(agent)

    assert ended(world) == [HUNG_UP]
    with pytest.raises(OutsideWindow):
        await join(world, room, agent)


# the longest call, and ringing


async def test_a_call_ends_after_thirty_hours(world: World) -> None:
    group = str(uuid4())
    for _ in range(2):
        agent = await world.agent(await world.person())
        await world.calls.join_group(agent, group, join_id=str(uuid4()))
    await tick(world, clock=0, seconds=30 * 3600 - 1)
    early = ended(world)
    await tick(world, clock=0, seconds=1)

    assert early == []
    assert ended(world) == [TOO_LONG, TOO_LONG]
    assert (TOO_LONG.code, TOO_LONG.sub_code) == (429, 10110)


async def test_a_clock_that_jumps_ends_no_call_and_no_ringing(world: World) -> None:
    caller, callee = await world.agent(await world.person()), await world.person()
    world.services.rings.look_for_agents(lambda _: ["device"])
    await world.services.rings.start(caller, [callee.raw_id], join_id=str(uuid4()))
    for hours in (1, -1, 12):
        await tick(world, clock=hours * 3600, seconds=1)

    assert ended(world) == []


async def test_ringing_stops_after_two_minutes(world: World) -> None:
    caller, callee = await world.agent(await world.person()), await world.person()
    world.services.rings.look_for_agents(lambda _: ["device"])
    await world.services.rings.start(caller, [callee.raw_id], join_id=str(uuid4()))
    await tick(world, clock=119.9)
    early = ended(world)
    await tick(world, clock=0.1)

    assert early == []
    assert NO_ANSWER in ended(world)


# the end of a token


async def lapsing(world: World) -> tuple[Agent, Room]:
    """Someone in a room whose token has just ended."""
    room, [agent] = await meeting(world, until=START + timedelta(days=100))
    await join(world, room, agent)
    await tick(world, clock=24 * 3600)
    return agent, room


async def fresh(world: World, agent: Agent) -> Agent:
    """The agent with a newer token."""
    user = agent.caller.user
    wish = TokenWish((Scope.VOIP,), timedelta(hours=24))
    token = await world.identities.issue(user.resource, user.raw_id, wish)
    return Agent(agent.id, await world.identities.verify(token.token), agent.display_name)


async def test_a_leg_ends_a_minute_after_its_token(world: World) -> None:
    await lapsing(world)
    await tick(world, clock=59.9)
    early = ended(world)
    await tick(world, clock=0.1)

    assert early == []
    assert ended(world) == [TOKEN_LAPSED]


async def test_a_newer_token_saves_the_leg_within_the_minute(world: World) -> None:
    agent, _ = await lapsing(world)
    await tick(world, clock=59)

    await world.services.lapses.renew(await fresh(world, agent))
    await tick(world, clock=3600)

    assert ended(world) == []


async def test_a_clock_that_was_wrong_about_a_token_costs_no_leg(world: World) -> None:
    await lapsing(world)
    world.clock.advance(hours=-12)

    await tick(world, clock=61)
    kept = ended(world)
    await tick(world, clock=12 * 3600, seconds=1)
    await tick(world, clock=61)

    assert kept == []
    assert ended(world) == [TOKEN_LAPSED]


async def test_a_call_that_is_over_leaves_no_timer(world: World) -> None:
    room, [agent] = await meeting(world)
    await join(world, room, agent)
    await world.calls.leave(agent)
    world.followed.all.clear()

    await tick(world, clock=40 * 3600)

    assert world.followed.all == []
