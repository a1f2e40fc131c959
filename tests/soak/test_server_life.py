"""A server lives through days of rooms, calls, removals and webhooks: nothing of them is left when they are over."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from support.deadlines import wait_for
from support.postgres import running_postgres
from support.receiver import Got, Receiver, Reply, add_webhook, confirm, receiving
from support.report import figure, lines
from support.server import Server
from support.soak.life import FastClock, Life
from support.soak.scales import (
    GIVEN_UP,
    LIVE_CALLS,
    LIVE_LEGS,
    LIVE_ROOMS,
    PASSING,
    STAYING,
    WAITING,
    Books,
    Held,
    Scales,
    grown,
)

# What passes by the service's clock, so that what is kept for a day comes and goes.
LIVED = timedelta(hours=72)
KEPT = timedelta(hours=24)
SHORT_LIVES = {
    "OPENROOMS_GRACE_DAYS": "0",
    "OPENROOMS_CALL_RECORD_DAYS": "1",
    "OPENROOMS_EVENT_DAYS": "1",
    "OPENROOMS_LOG_LEVEL": "warning",
}
WORKERS = 2
WEIGHED_EVERY, TOLD_EVERY = 5.0, 30.0
# The clock moves in small steps.
STEP = 0.25
FAILS = 0.1
# What has been kept long enough is dropped once a minute.
SWEPT_WITHIN = 60.0
# Who vanished is waited for; a room at the engine closes after its last one has gone.
ALL_ENDED_WITHIN = 240.0
AFTER_A_REST = timedelta(hours=8)
# By how much each may have grown in the second half, which is noise: memory in MB, of the engine with what
# its collector of garbage leaves lying about, and without; what is open and running by who is there at the moment.
MOST_GROWN = {
    "memory": (4.0, "MB"),
    "engine_memory": (15.0, "MB"),
    "engine_held": (7.5, "MB"),
    "descriptors": (6.0, ""),
    "engine_descriptors": (6.0, ""),
    "threads": (1.0, ""),
}
MEGABYTE = 1e6
# What is opened at its first use, and kept: connections to the database, threads that write.
MOST_LEFT = 12


@dataclass(frozen=True, slots=True)
class House:
    """A started server, its customers' receiver, and the means to look into it."""

    server: Server
    receiver: Receiver
    clock: FastClock
    books: Books
    scales: Scales


@pytest.fixture
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    with ExitStack() as stack:
        url, options = None, tuple[str, ...]()
        if request.config.getoption("--store") == "postgresql":
            url = stack.enter_context(stack.enter_context(running_postgres()).fresh())
            options = ("--database", url)
        server = Server(tmp_path / "server", *options, environment=SHORT_LIVES)
        stack.enter_context(server.running())
        receiver = stack.enter_context(receiving())
        add_webhook(server, receiver)
        books = Books(server, url)
        yield House(server, receiver, FastClock(server), books, Scales(server, books))


class Watch:
    """Moves the clock on while life goes on, weighs the server, and tells of it."""

    def __init__(self, house: House, life: Life, *, minutes: float) -> None:
        self._house = house
        self._life = life
        self._seconds = minutes * 60
        self._step = LIVED.total_seconds() / self._seconds - 1
        self.held: list[Held] = []

    def keep(self) -> None:
        """Until the time is over, or something has gone wrong."""
        begun = moved = time.monotonic()
        weigh, tell = begun, begun
        while (now := time.monotonic()) < begun + self._seconds and not self._life.failures:
            self._house.clock.move_on((now - moved) * self._step)
            moved = now
            if now >= weigh:
                self.held.append(weighed(self._house, self._life))
                weigh = now + WEIGHED_EVERY
            if now >= tell:
                print(f"  {now - begun:.0f} s, {self.held[-1]}", flush=True)
                tell = now + TOLD_EVERY
            threading.Event().wait(STEP)

    @property
    def kept_at_most(self) -> timedelta:
        """How long anything may be kept, as the clock goes: it is dropped once a minute."""
        return KEPT + timedelta(seconds=2 * SWEPT_WITHIN * (self._step + 1))


def weighed(house: House, life: Life) -> Held:
    return house.scales.weigh(life.counted["joins"], house.clock.now())


def failing(chance: random.Random) -> Callable[[Got], Reply]:
    return lambda got: Reply(500) if chance.random() < FAILS else confirm(got)


def test_days_of_life_leave_nothing_behind(request: pytest.FixtureRequest, house: House) -> None:
    option = request.config.getoption
    seed, store = option("--seed"), option("--store")
    house.receiver.answer = failing(random.Random(seed))
    life = Life(house.server, house.clock, seed=seed, many=WORKERS)
    idle = weighed(house, life)
    watch = Watch(house, life, minutes=option("--minutes"))

    with life.going_on():
        watch.keep()
    house.receiver.answer = confirm

    assert not life.failures, "\n".join(life.failures)
    lines.append(f"soak, {store}, seed {seed}: {dict(sorted(life.counted.items()))}")
    lines.append(f"{len(house.receiver.events)} deliveries tried; before: {idle}")
    everything_ends(house)
    everything_is_told(house)
    what_was_kept_is_dropped(house, life)
    rested = weighed(house, life)
    lines.append(f"afterwards: {rested}")
    nothing_is_left(house, life, rested)
    nothing_grew(watch, idle, rested)


def everything_ends(house: House) -> None:
    """Calls and legs, also of those who vanished; then the rooms at the engine."""
    print("  waiting for legs, calls and rooms at the engine to end", flush=True)

    def over() -> bool:
        return not any(house.books.ask(LIVE_LEGS, LIVE_CALLS)) and not house.scales.engine_rooms()

    wait_for("every leg, call and room to end", over, within=ALL_ENDED_WITHIN, every=1)


def everything_is_told(house: House) -> None:
    """What failed has its moment by then, and nothing was given up."""
    print("  waiting for what is still to be delivered", flush=True)
    house.clock.move_on(AFTER_A_REST.total_seconds())
    wait_for(
        "nothing to wait for delivery",
        lambda: house.books.count(WAITING) == 0,
        within=ALL_ENDED_WITHIN,
        every=1,
    )
    figure("events given up", house.books.count(GIVEN_UP), at_most=0, unit="")


def what_was_kept_is_dropped(house: House, life: Life) -> None:
    """A day later, by the clock; each room's end is told of by an event, which stays a day itself."""
    for day in (1, 2):
        print(f"  waiting for day {day} after it to be swept", flush=True)
        house.clock.move_on((KEPT + AFTER_A_REST).total_seconds())
        wait_for(
            "rooms to be dropped", lambda: not house.books.count(LIVE_ROOMS), within=200, every=1
        )
    wait_for(
        "what was kept to be dropped",
        lambda: not any(map(house.books.rows().get, PASSING)),
        within=200,
        every=1,
    )


def nothing_is_left(house: House, life: Life, rested: Held) -> None:
    for table in PASSING:
        figure(f"rows left of {table}", rested.rows[table], at_most=0, unit="")
    made = {"room": life.counted["rooms"], "identity": life.counted["identities"]}
    for table in STAYING:
        figure(
            f"rows of {table} for each made", rested.rows[table] / made[table], at_most=1, unit=""
        )
    for what, running in house.scales.running().items():
        figure(f"left of {what}", running, at_most=0, unit="")
    figure("rooms left at the engine", rested.engine_rooms, at_most=0, unit="")


def nothing_grew(watch: Watch, idle: Held, rested: Held) -> None:
    """By a line through what was weighed in the second half, when caches are full."""
    second = watch.held[len(watch.held) // 2 :]
    for what, (most, unit) in MOST_GROWN.items():
        more = grown(second, what) / (MEGABYTE if unit else 1)
        figure(
            f"{what} grown in {second[-1].calls - second[0].calls} joins",
            more,
            at_most=most,
            unit=unit,
        )
    for kind in second[-1].oldest:
        longest = max(one.oldest.get(kind, timedelta()) for one in second)
        most = watch.kept_at_most / timedelta(hours=1)
        figure(f"{kind} is kept", longest / timedelta(hours=1), at_most=most, unit="h")
    for what in ("descriptors", "engine_descriptors", "threads"):
        more = getattr(rested, what) - getattr(idle, what)
        figure(f"{what} more than before", more, at_most=MOST_LEFT, unit="")
