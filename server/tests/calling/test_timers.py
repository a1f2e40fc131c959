"""Timers fire once, never early by their own sort of time, and never later than one tick."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.clock import HandClock, HandSeconds

from openrooms.calling import timer_store
from openrooms.calling.decisions import Decisions
from openrooms.calling.served import STALE, Served, open_served
from openrooms.calling.timers import KEEP_SECONDS, LOOK_SECONDS, TICK, Timers
from openrooms.calling.timing import What
from openrooms.storage.database import Connection, Database, open_database
from openrooms.storage.errors import DatabaseAway

from .world import START

pytestmark = pytest.mark.anyio

MOMENT, INTERVAL = What.OVER, What.GRACE


@dataclass
class Bench:
    """Timers on a real database, run by hand; what they fire is kept."""

    database: Database
    clock: HandClock = field(default_factory=lambda: HandClock(START))
    seconds: HandSeconds = field(default_factory=HandSeconds)
    fired: list[tuple[What, str]] = field(default_factory=list)
    away: bool = False
    fails: bool = False

    async def open(self) -> "Bench":
        """Start a process."""
        self.served: Served = await open_served(self.database, self.seconds)
        self.timers = Timers(
            Decisions(self.database),
            {what: partial(self._fire, what) for what in (MOMENT, INTERVAL)},
            clock=self.clock,
            served=self.served,
            monotonic=self.seconds,
        )
        return self

    async def _fire(self, what: What, subject: str) -> None:
        if self.away:
            raise DatabaseAway
        if self.fails:
            raise ValueError(subject)
        await self.database.write(lambda one: timer_store.disarm(one, {what}, subject))
        self.fired.append((what, subject))

    async def arm(self, what: What, subject: str, after: float) -> None:
        def write(connection: Connection) -> None:
            length = timedelta(seconds=after)
            if what is INTERVAL:
                due = self.served.after(connection, length)
            else:
                due = self.clock() + length
            timer_store.arm(connection, what, subject, due_at=due)

        await self.database.write(write)
        self.timers.stir()

    async def passes(self, seconds: float) -> None:
        self.clock.advance(seconds=seconds)
        self.seconds.advance(seconds)
        await self.timers.tick()


@pytest.fixture
async def bench(database: Database) -> Bench:
    return await Bench(database).open()


@pytest.mark.parametrize("what", [MOMENT, INTERVAL])
async def test_a_timer_fires_once_when_it_is_due(bench: Bench, what: What) -> None:
    await bench.arm(what, "a", 10)
    await bench.passes(9.999)
    early = list(bench.fired)
    for _ in range(3):
        await bench.passes(0.001)

    assert early == []
    assert bench.fired == [(what, "a")]


async def test_what_is_moved_fires_when_it_is_due_then(bench: Bench) -> None:
    await bench.arm(MOMENT, "a", 100)
    await bench.passes(1)
    await bench.arm(MOMENT, "a", 2)
    await bench.passes(2)

    assert bench.fired == [(MOMENT, "a")]


async def test_what_another_process_arms_is_seen_soon(bench: Bench, database: Database) -> None:
    await bench.passes(1)
    other = await Bench(database, clock=bench.clock).open()
    await other.arm(MOMENT, "a", 0)

    await bench.passes(LOOK_SECONDS)

    assert bench.fired == [(MOMENT, "a")]


async def test_a_database_that_is_away_delays_and_loses_nothing(bench: Bench) -> None:
    await bench.arm(INTERVAL, "a", 1)
    bench.away = True
    await bench.passes(1)
    bench.away = False
    await bench.passes(TICK)

    assert bench.fired == [(INTERVAL, "a")]


async def test_one_that_fails_holds_up_no_other(bench: Bench) -> None:
    await bench.arm(MOMENT, "a", 1)
    bench.fails = True
    await bench.passes(1)
    bench.fails = False
    await bench.arm(MOMENT, "b", 0)
    await bench.passes(TICK)

    assert bench.fired == [(MOMENT, "a"), (MOMENT, "b")]


async def test_an_interval_that_its_handler_leaves_is_done_with(database: Database) -> None:
    bench = await Bench(database).open()
    fired: list[str] = []

    async def leave(subject: str) -> None:
        fired.append(subject)

    timers = Timers(
        Decisions(database),
        {INTERVAL: leave},
        clock=bench.clock,
        served=bench.served,
        monotonic=bench.seconds,
    )
    await bench.arm(INTERVAL, "a", 0)
    for _ in range(3):
        timers.stir()
        await timers.tick()

    assert fired == ["a"]


async def test_a_first_interval_has_the_time_kept_that_was_served_before(bench: Bench) -> None:
    await bench.passes(100_000)
    await bench.arm(INTERVAL, "a", 5)

    # The process dies before it looks again.
    again = await Bench(bench.database).open()
    await again.passes(5)

    assert again.fired == [(INTERVAL, "a")]


async def test_they_run_until_they_are_stopped(bench: Bench) -> None:
    await bench.arm(MOMENT, "a", 0)
    await bench.arm(INTERVAL, "b", 0)
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(bench.timers.run())
        while len(bench.fired) < 2:
            await bench.database.read(lambda _: None)
        running.cancel()

    assert bench.fired == [(MOMENT, "a"), (INTERVAL, "b")]


# whatever happens in whatever order

ACTS = st.lists(
    st.tuples(st.just("arm"), st.sampled_from((MOMENT, INTERVAL)), st.integers(0, 90))
    | st.tuples(st.just("pass"), st.none(), st.integers(0, 40))
    | st.tuples(st.just("jump"), st.none(), st.sampled_from((-3600, -5, 5, 3600, 181 * 86400)))
    | st.tuples(st.just("restart"), st.none(), st.integers(0, 60)),
    max_size=25,
)


@dataclass
class Told:
    """What each timer was armed for, and the time that really was served."""

    served: float = 0.0
    # By number: the sort, and the time of its sort at which it may fire.
    due: dict[str, tuple[What, float]] = field(default_factory=dict)
    fired: set[str] = field(default_factory=set)
    # How much of the served time restarts may have forgotten.
    lost: float = 0.0

    def now(self, bench: Bench, what: What) -> float:
        return self.served if what is INTERVAL else (bench.clock() - START).total_seconds()


async def play(database: Database, acts: Sequence[tuple[str, What | None, int]]) -> None:
    bench, told = await Bench(database).open(), Told()
    for number, (act, what, amount) in enumerate(acts):
        if act == "arm" and what is not None:
            await bench.arm(what, str(number), amount)
            told.due[str(number)] = (what, told.now(bench, what) + amount)
        elif act == "pass":
            for _ in range(amount):
                told.served += 1
                await bench.passes(1)
                check(bench, told)
        elif act == "jump":
            bench.clock.advance(seconds=amount)
        else:
            bench = await Bench(
                database, clock=bench.clock, seconds=HandSeconds(amount), fired=bench.fired
            ).open()
            bench.clock.advance(seconds=amount)
            told.lost += STALE.total_seconds() + LOOK_SECONDS + KEEP_SECONDS
        await bench.timers.tick()
        check(bench, told)


def check(bench: Bench, told: Told) -> None:
    """What has fired was due and had not fired; what is due has fired."""
    for what, subject in bench.fired:
        assert subject not in told.fired
        assert told.now(bench, what) >= told.due[subject][1] - 0.001
        told.fired.add(subject)
    bench.fired.clear()
    late = [
        subject
        for subject, (what, due) in told.due.items()
        if subject not in told.fired
        and told.now(bench, what) > due + (told.lost if what is INTERVAL else 0)
    ]
    assert late == []


@settings(max_examples=25, deadline=None)
@given(ACTS)
def test_whatever_is_armed_moved_and_restarted_each_timer_fires_once_and_in_its_time(
    acts: list[tuple[str, What | None, int]],
) -> None:
    async def run() -> None:
        with TemporaryDirectory() as folder:
            async with open_database(Path(folder) / "data") as database:
                await play(database, acts)

    asyncio.run(run())
