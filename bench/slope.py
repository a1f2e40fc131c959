"""How many round trips a join takes until somebody is heard: the slope of its time over the line's delay.

Ours, with an agent that is there, against livekit-client alone on an engine alone, from the same page
over the same line, in turn. So what a machine is busy with drops out: it does not grow with the line.
"""

import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression, quantiles
from urllib.parse import urlsplit

from support.browser import Person, Town, stage
from support.internet import Machine
from support.likeness import DOCTOR, PATIENT
from support.office import ATTENDEE, PRESENTER, Office
from support.ports import free_ports
from support.sdkpage import serve_page
from support.world import World, world_of

from bench.bare import BareEngine, bare_engine
from tools.metrics import Bar, Metric
from tools.terminal import Stuck, say

PAGES = Path(__file__).resolve().parent / "pages"
FRONT = Path(__file__).resolve().parent / "front.py"
# Of the line, there and back, in milliseconds.
DELAYS = (0, 50, 100)
ROUNDS = 12
# From one join to the next one of the same way, in seconds: who joins too often is refused.
PACE = 1.2
ROOM = "bench"
MOST = Bar("<=", 7.5)
RATIO = Bar("<=", 1.2)
HEARD = "first sound"
OURS, BARE, PLAIN = "ours", "livekit-client alone", "livekit-client alone, without TLS"
# What there is on the way, in the order in which it is there.
STEPS = ("let in", "signalling open", "engine's answer", "description", "ICE", "DTLS", HEARD)
Marks = Mapping[str, float]


@dataclass(slots=True)
class Race:
    """Who joins in turn over a line, and where."""

    world: World
    person: Person
    place: str
    engine: BareEngine
    # Where livekit-client connects to, by the way's name.
    doors: Mapping[str, str]
    seats: int = 0
    took: dict[tuple[str, str], list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _last: dict[str, float] = field(default_factory=dict)

    def run(self) -> None:
        """All ways over all lines, round after round, each as often first."""
        ways = (OURS, *self.doors)
        for way in ways:
            self._join(way)
        for number in range(ROUNDS):
            for delay in DELAYS:
                say(f"  round {number + 1} of {ROUNDS}, {delay} ms there and back")
                self.world.net.change(self.world.machines[1], delay=delay / 2000)
                for way in ways if number % 2 == 0 else tuple(reversed(ways)):
                    for step, at in self._join(way).items():
                        self.took[way, step].append((delay, at))

    def round_trips(self, way: str, step: str) -> float | None:
        """The slope: by how many delays later it is there on a longer line."""
        at = self.took[way, step]
        if not at:
            return None
        soon = [usual([took for delay, took in at if delay == one]) for one in DELAYS]
        return float(linear_regression([float(one) for one in DELAYS], soon).slope)

    def _join(self, way: str) -> Marks:
        time.sleep(max(0.0, self._last.get(way, 0.0) + PACE - time.monotonic()))
        self._last[way] = time.monotonic()
        if way == OURS:
            call: str = "ours"
            by: dict[str, object] = {"place": {"roomId": self.place}}
        else:
            self.seats += 1
            token = self.engine.seat(ROOM, f"comes-{self.seats}")
            call, by = "bare", {"url": self.doors[way], "token": token}
        marks: Marks = self.person.evaluate(f"(by) => voices.{call}(by)", by)
        return marks


@contextmanager
def front(machine: Machine, target: int, *certificate: Path) -> Iterator[int]:
    """A port of the machine's public address that leads to one of its loopback."""
    (port,) = free_ports(socket.SOCK_STREAM)
    door = f"{machine.address}:{port}"
    command = (
        *machine.enter,
        sys.executable,
        str(FRONT),
        door,
        str(target),
        *map(str, certificate),
    )
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        try:
            if running.stdout is None or running.stdout.readline() != b"ready\n":
                raise Stuck("the door in front of the bare engine does not open")
            yield port
        finally:
            running.kill()


@contextmanager
def ready_to_race(folder: Path, world: World) -> Iterator[Race]:
    """Somebody is in a call and in a bare room; somebody else is about to come, over a longer line."""
    data, machine = world.server.data, world.server.machine
    office = Office(world.server)
    host, guest = office.user(), office.user()
    place = office.room({host: PRESENTER, guest: ATTENDEE})
    with ExitStack() as stack:
        stack.callback(office.close)
        engine = stack.enter_context(bare_engine(folder / "engine", like=data, on=machine))
        certificate = (data / "server.pem", data / "server.key")
        secure = stack.enter_context(front(machine, engine.port, *certificate))
        plain = stack.enter_context(front(machine, engine.port))
        address = stack.enter_context(serve_page(folder, PAGES / "voices.js"))
        doors = {
            BARE: f"wss://{machine.address}:{secure}",
            PLAIN: f"ws://{machine.address}:{plain}",
        }
        engine.create(ROOM)
        people = []
        for who, there, user in zip((DOCTOR, PATIENT), world.machines, (host, guest), strict=True):
            there.bring(urlsplit(address).port or 0)
            person = world.people.call(who, on=there, probed=False, trusting=True)
            person.visit(address)
            person.evaluate("(token) => voices.enter(token)", user.token)
            people.append(person)
        seat = {"url": doors[BARE], "token": engine.seat(ROOM, "stays")}
        people[0].evaluate("(by) => voices.stay(by)", {"place": {"roomId": place}, **seat})
        yield Race(world, people[1], place, engine, doors)


def usual(took: list[float]) -> float:
    """The lower quartile: a machine that is busy only ever adds."""
    return quantiles(took, n=4)[0]


def profile(race: Race, way: str) -> Iterator[Metric]:
    """Where each round trip goes, and when what is there on a line without delay."""
    before = 0.0
    for step in STEPS:
        trips = race.round_trips(way, step)
        if trips is None:
            continue
        at = usual([took for delay, took in race.took[way, step] if delay == 0])
        name = f"{way}: {step}, {at:.0f} ms without delay, {trips - before:+.1f}"
        yield Metric(name, trips, "round trips")
        before = trips


def measure(folder: Path) -> Iterator[Metric]:
    """All figures."""
    with stage() as playwright:
        town = Town(playwright, folder)
        with world_of(
            town, folder / "server", environment={"OPENROOMS_LOG_LEVEL": "info"}
        ) as world:
            (folder / "page").mkdir()
            say("Measuring: joins over lines of another length")
            with ready_to_race(folder / "page", world) as race:
                race.run()
    ways = (OURS, BARE, PLAIN)
    for way in ways:
        yield from profile(race, way)
    ours, bare, plain = (race.round_trips(way, HEARD) or 0.0 for way in ways)
    yield Metric("join to first sound: livekit-client alone", bare, "round trips")
    yield Metric("join to first sound: livekit-client alone, without TLS", plain, "round trips")
    yield Metric("join to first sound", ours, "round trips", MOST)
    yield Metric("join to first sound: ours / alone", ours / bare, "", RATIO)
