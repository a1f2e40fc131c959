"""The browser SDK: how large it is, how soon a page is ready, how soon somebody is seen.

A join is held against livekit-client alone on an engine alone, in the same page and in turn.
"""

import gzip
import json
import shutil
import statistics
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from support.browser import Person, Town, stage
from support.likeness import DOCTOR, PATIENT
from support.office import ATTENDEE, PRESENTER, Office
from support.sdkpage import serve_page
from support.server import Server

from bench.bare import BareEngine, bare_engine
from tools.metrics import Bar, Metric
from tools.terminal import Stuck, say

ROOT = Path(__file__).resolve().parent.parent
BUNDLE = ROOT / "sdk" / "calling" / "dist" / "index.js"
PACKAGES = ROOT / "server" / "src" / "openrooms" / "static" / "sdk"
PAGES = Path(__file__).resolve().parent / "pages"
VENDORS = "@azure/communication-calling@1.46.1"
KILOBYTE = 1_000
SIZE = Bar("<=", 250)
JOIN = Bar("<=", 1.25)
ROUNDS = 20
# From one join to the next one of the same way, in seconds: the engine asks a sender for a whole picture
# once a second at most, and we refuse who joins too often.
PACE = 1.5
ROOM = "bench"


def size() -> Iterator[Metric]:
    """Our bundle and our package, and how they stand to the vendor's as the registry describes that."""
    ours = len(gzip.compress(BUNDLE.read_bytes(), mtime=0))
    yield Metric("SDK bundle, gzipped", ours / KILOBYTE, "kB", SIZE)
    unpacked = told_by_registry("dist.unpackedSize")
    if isinstance(unpacked, int):
        yield Metric(f"SDK bundle, gzipped / {VENDORS}, unpacked", ours / unpacked, "")
    (package,) = PACKAGES.glob("openrooms-calling-[0-9]*.tgz")
    packed = packed_size()
    if packed is None:
        say(f"the registry in reach does not tell the size of {VENDORS}: no ratio to it")
        return
    yield Metric(f"SDK package / {VENDORS}, both as packed", package.stat().st_size / packed, "")


def told_by_registry(what: str) -> object:
    """What the registry says of the vendor's package; None where it says nothing."""
    npm = shutil.which("npm")
    if npm is None:
        raise Stuck("npm is needed and not in PATH. Install the package npm.")
    asked = (npm, "view", VENDORS, what, "--json")
    told = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    # Not every registry tells everything; then npm writes nothing.
    return json.loads(told.stdout) if told.returncode == 0 and told.stdout.strip() else None


def packed_size() -> int | None:
    """The bytes of the vendor's package as it is published: by the head of the answer, which is all that is asked for."""
    address = told_by_registry("dist.tarball")
    if not isinstance(address, str) or not address.startswith("https://"):
        return None
    asked = urllib.request.Request(address, method="HEAD")
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            length = answer.headers.get("Content-Length", "")
    except OSError:
        return None
    return int(length) if length.isdigit() and int(length) > 0 else None


def page_start(person: Person, office: Office, address: str) -> Metric:
    """From the navigation to a created call agent."""
    took = []
    for _ in range(ROUNDS):
        person.go_away()
        person.visit(f"{address}#{office.user().token}")
        person.page.wait_for_function("globalThis.tookToAgent !== undefined")
        took.append(float(person.evaluate("tookToAgent")))
    return Metric(f"page start to call agent, median of {ROUNDS}", statistics.median(took), "ms")


@dataclass(slots=True)
class Race:
    """Who joins in turn, and where."""

    person: Person
    place: str
    engine: BareEngine
    rounds: int = 0
    _last: dict[str, float] = field(default_factory=dict)

    def ours(self, *, sends: bool) -> float:
        """Milliseconds from the join to the first frame, by our SDK."""
        return self._join("ours", {"place": {"roomId": self.place}, "sends": sends})

    def bare(self, *, sends: bool) -> float:
        """The same by livekit-client alone."""
        self.rounds += 1
        token = self.engine.seat(ROOM, f"comes-{self.rounds}")
        return self._join("bare", {"url": self.engine.signalling, "token": token, "sends": sends})

    def _join(self, way: str, by: dict[str, object]) -> float:
        time.sleep(max(0.0, self._last.get(way, 0.0) + PACE - time.monotonic()))
        self._last[way] = time.monotonic()
        return float(self.person.evaluate(f"(by) => joins.{way}(by)", by))


def joins(race: Race, *, sends: bool) -> Iterator[Metric]:
    """Both ways in turn, each as often first; a ratio is one of neighbours in time."""
    ways = (race.ours, race.bare)
    for way in ways:
        way(sends=sends)
    took: dict[str, list[float]] = {"ours": [], "bare": []}
    for number in range(ROUNDS):
        for way in ways if number % 2 == 0 else reversed(ways):
            took[way.__name__].append(way(sends=sends))
    doing = "with camera and microphone" if sends else "only to see"
    ours, bare = took["ours"], took["bare"]
    yield Metric(f"join {doing} to first decoded frame", statistics.median(ours), "ms")
    yield Metric(f"join {doing}: livekit-client alone", statistics.median(bare), "ms")
    ratios = [one / other for one, other in zip(ours, bare, strict=True)]
    yield Metric(f"join {doing}: ours / alone", statistics.median(ratios), "", JOIN)


@contextmanager
def ready_to_race(folder: Path, town: Town, *, server: Server, office: Office) -> Iterator[Race]:
    """Somebody is in a call and in a bare room; somebody else is about to come."""
    stays, comes = (town.call(who) for who in (DOCTOR, PATIENT))
    host, guest = office.user(), office.user()
    place = office.room({host: PRESENTER, guest: ATTENDEE})
    with (
        bare_engine(folder / "engine", like=server.data) as engine,
        serve_page(folder, PAGES / "joins.js") as address,
    ):
        engine.create(ROOM)
        for person, user in ((stays, host), (comes, guest)):
            person.visit(address)
            person.evaluate("(token) => joins.enter(token)", user.token)
        stays.evaluate(
            "(by) => joins.stay(by)",
            {
                "place": {"roomId": place},
                "url": engine.signalling,
                "token": engine.seat(ROOM, "stays"),
            },
        )
        yield Race(comes, place, engine)


def measure(folder: Path) -> Iterator[Metric]:
    """All figures, on one server."""
    yield from size()
    # As it is installed: tests have it say all that it can.
    server = Server(folder / "server", environment={"OPENROOMS_LOG_LEVEL": "info"}, own_clock=False)
    with server.running(), stage() as playwright:
        office = Office(server)
        town = Town(playwright, folder)
        try:
            say("Measuring: page start")
            (folder / "start").mkdir()
            with serve_page(folder / "start", PAGES / "start.js") as address:
                person = town.call(PATIENT)
                yield page_start(person, office, address)
                town.send_home(person)
            say("Measuring: joins")
            (folder / "joins").mkdir()
            with ready_to_race(folder / "joins", town, server=server, office=office) as race:
                yield from joins(race, sends=False)
                yield from joins(race, sends=True)
        finally:
            town.empty()
            office.close()
