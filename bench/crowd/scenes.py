"""What `make load` measures: a full room through the service, the same people at an engine alone, a room decrypted."""

import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from support.generator import (
    Generator,
    Guest,
    Joined,
    Measured,
    at_engine,
    at_server,
    generator,
)

from bench.bare import bare_engine
from bench.crowd.hall import TALKERS, Hall
from bench.crowd.usage import MOST_UNEXPLAINED, Meter, Used
from bench.programs import CLIENT_CORE, SERVER_CORE, on_core
from tools.metrics import Bar, Metric

WITHIN = 60.0
FULL = "413/5808"
ROOM_OF_BARE = "bare"
# As the browser SDK chooses (sdk/calling/src/media/voices.ts).
MOST_VOICES = 12
KILOBYTE = 1_000
PERCENT = 100


@dataclass(frozen=True, slots=True)
class Size:
    """How many people there are, how many of them do something else, and for how many seconds."""

    people: int = 350
    decrypted: int = 200
    some: int = 20
    spread: float = 10.0
    warm_up: float = 10.0
    window: float = 20.0


@dataclass(frozen=True, slots=True)
class Stay:
    """What a crowd heard once it was in, and what that took."""

    heard: Measured
    used: Used

    def core(self, program: str) -> float:
        """Of a core, in percent."""
        return PERCENT * self.used.by[program] / self.used.seconds


class Full:
    """A full room through the service."""

    def __init__(self, hall: Hall, size: Size, crowd: Generator) -> None:
        self.meter = Meter(service=hall.service, engine=hall.engine, generator=crowd.process)
        self._hall = hall
        self._size = size
        self._crowd = crowd
        self._room = ""
        self._memory = [hall.service.memory_info().rss]

    def figures(self) -> Iterator[Metric]:
        """All but what it costs beside an engine alone."""
        yield from self._enter()
        self.stay = stay(self._crowd, self.meter, self._size)
        yield from self._steady()
        # Of the first crowd that came in: what is left of it is there for the next.
        each = (self._memory[1] - self._memory[0]) / KILOBYTE / self._size.people
        yield Metric("service memory a participant", each, "KB", Bar("<=", 220))
        yield self._one_more()
        yield from self._unmute()
        yield self._remove()

    def _enter(self) -> Iterator[Metric]:
        people = self._size.people
        joined, used = self.meter.undisturbed("joins", self._join, first=self._prepare)
        name = f"{people} joins in {self._size.spread:g} s"
        yield from failures(name, joined)
        yield Metric(f"{name}: told to come back, and did", joined.tries, "")
        yield Metric(f"{name}: all hear after", joined.all_hear, "s", Bar("<=", 20))
        for process in ("service", "engine"):
            cost = 1_000 * used.by[process] / people
            bar = Bar("<=", 12) if process == "service" else None
            yield Metric(f"{process} CPU a join", cost, "ms", bar)
        yield Metric("a join, from the first step to the first sound, p95", joined.p95, "s")
        yield Metric("people who know of everybody", joined.complete, "", Bar("==", people))
        after = joined.roster_after
        yield Metric("roster complete on all after the last join", after, "s", Bar("<=", 2))

    def _prepare(self) -> None:
        if self._room:
            self._crowd.leave()
        self._room = self._hall.room()

    def _join(self) -> Joined:
        guests = self._hall.guests(self._size.people, exact=self._size.some)
        size = self._size
        joined = self._crowd.join(guests, room=self._room, seconds=size.spread, within=WITHIN)
        self._memory.append(self._hall.service.memory_info().rss)
        return joined

    def _steady(self) -> Iterator[Metric]:
        heard, name = self.stay.heard, f"{self._size.people} people, {TALKERS} talking"
        yield Metric(f"{name}: delivered", heard.delivered, "%", Bar(">=", 99.5))
        yield Metric(f"{name}: people who hear nothing", heard.silent, "", Bar("==", 0))
        yield Metric(f"{name}: delay p50", heard.delay_p50, "ms")
        yield Metric(f"{name}: delay p99", heard.delay_p99, "ms", Bar("<=", 60))
        for program in ("engine", "service", "generator"):
            yield Metric(f"{name}: {program}", self.stay.core(program), "% of a core")
        share = PERCENT * self.stay.used.by["service"] / self.stay.used.by["engine"]
        yield Metric("service in the steady state / engine, CPU", share, "%", Bar("<=", 6))

    def _one_more(self) -> Metric:
        answer = self._crowd.try_to_join(Guest(self._hall.users[-1].token), self._room)
        name = f"one more than {self._size.people} is refused with {FULL} (answer: {answer})"
        return Metric(name, int(answer == FULL), "", Bar("==", 1))

    def _unmute(self) -> Iterator[Metric]:
        """They say nothing, as people who open their microphones for a moment; the three talk on."""
        size = self._size
        people = range(TALKERS, TALKERS + size.some)
        before = self.meter.read()
        heard = self._crowd.unmute(people, seconds=size.warm_up)
        took = Stay(heard, self.meter.read().since(before))
        name = f"{size.some} unmute at once"
        for program in ("engine", "service", "generator"):
            yield Metric(f"{name}: {program}", took.core(program), "% of a core")
        yield Metric(f"{name}: calls that stand", heard.standing, "", Bar("==", size.people))
        yield Metric(f"{name}: delay p99", heard.delay_p99, "ms", Bar("<=", 150))
        voices = min(TALKERS + size.some, MOST_VOICES)
        yield Metric(f"{name}: voices each hears by then", heard.voices_least, "")
        waited = heard.seconds
        while heard.voices_least < voices and waited < WITHIN:
            heard = self._crowd.measure(1)
            waited += heard.seconds
        yield Metric(f"{name}: voices each hears", heard.voices_least, "", Bar("==", voices))
        yield Metric(f"{name}: all that are chosen are heard within", waited, "s")

    def _remove(self) -> Metric:
        size = self._size
        last = self._hall.remove(
            self._crowd, self._room, range(size.people - size.some, size.people)
        )
        p95 = statistics.quantiles(last, n=20, method="inclusive")[-1]
        name = f"removal of one in {size.people}: his last packet, p95 of {size.some}"
        return Metric(name, p95, "s", Bar("<=", 2))


@contextmanager
def apart(*options: str) -> Iterator[Generator]:
    """A crowd on another core than what it loads."""
    with ExitStack() as end:
        with on_core(CLIENT_CORE):
            crowd = end.enter_context(generator(*options))
        yield crowd


def failures(name: str, joined: Joined) -> Iterator[Metric]:
    why = f" ({', '.join(joined.failed)})" if joined.failed else ""
    yield Metric(f"{name}: failed{why}", sum(joined.failed.values()), "", Bar("==", 0))


def stay(crowd: Generator, meter: Meter, size: Size) -> Stay:
    """What they hear once the joins are over."""
    heard, used = meter.undisturbed(
        "the room", lambda: crowd.measure(size.window), first=lambda: sleep(size.warm_up)
    )
    return Stay(heard, used)


def alone(folder: Path, hall: Hall, size: Size) -> tuple[Stay, Meter]:
    """The same people, heard the same way, at an engine without our service."""
    with ExitStack() as end:
        with on_core(SERVER_CORE):
            engine = end.enter_context(bare_engine(folder, like=hall.server.data))
        crowd = end.enter_context(apart(*at_engine(engine.signalling)))
        engine.create(ROOM_OF_BARE)
        names = [f"somebody-{at}" for at in range(size.people)]
        guests = [
            Guest(engine.seat(ROOM_OF_BARE, name), talks=guest.talks, exact=guest.exact)
            for name, guest in zip(names, hall.guests(size.people, exact=size.some), strict=True)
        ]
        crowd.join(guests, seconds=size.spread, within=WITHIN)
        meter = Meter(engine=engine.process, generator=crowd.process)
        return stay(crowd, meter, size), meter


def decrypted(hall: Hall, size: Size) -> Iterator[Metric]:
    """A room in which everybody decrypts what he hears, and knows what was said."""
    people = size.decrypted
    ready = hall.server.ready
    with apart(*at_server(ready.endpoint, ready.ca, decrypts=True)) as crowd:
        joined = crowd.join(
            hall.guests(people), room=hall.room(), seconds=size.spread, within=WITHIN
        )
        name = f"{people} people, decrypted"
        yield from failures(f"{name}: joins", joined)
        meter = Meter(service=hall.service, engine=hall.engine, generator=crowd.process)
        heard = stay(crowd, meter, size).heard
        yield Metric(f"{name}: delivered", heard.delivered, "%", Bar(">=", 99.5))
        yield Metric(f"{name}: packets that nobody said", heard.wrong, "", Bar("==", 0))
        yield Metric(
            f"{name}: voices the least hears", heard.voices_least, "", Bar("==", TALKERS - 1)
        )
        crowd.leave()


def whole(hall: Hall, folder: Path, size: Size) -> Iterator[Metric]:
    """Everything."""
    ready = hall.server.ready
    with apart(*at_server(ready.endpoint, ready.ca)) as crowd:
        full = Full(hall, size, crowd)
        yield from full.figures()
        crowd.leave()
    yield from decrypted(hall, size)
    bare, meter = alone(folder / "bare", hall, size)
    yield Metric("engine alone: delivered", bare.heard.delivered, "%")
    yield Metric("engine alone: delay p99", bare.heard.delay_p99, "ms")
    yield Metric("engine alone", bare.core("engine"), "% of a core")
    ratio = full.stay.core("engine") / bare.core("engine")
    yield Metric("engine in our run / alone, CPU", ratio, "", Bar("<=", 1.15))
    others = max(full.meter.unexplained, meter.unexplained)
    yield Metric(
        "most that others took in what counts",
        PERCENT * others,
        "% of a core",
        Bar("<=", PERCENT * MOST_UNEXPLAINED),
    )
