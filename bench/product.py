"""The product as people meet it: memory when idle, time to ready, time from click to picture.

Every figure is taken from a really started server, with real browsers where one is needed.
"""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from support.browser import Town, stage
from support.callpage import Caller
from support.deadlines import wait_for
from support.likeness import DOCTOR, PATIENT
from support.office import ATTENDEE, PRESENTER, Office
from support.server import Server

from tools.metrics import Bar, Metric
from tools.terminal import say

SERVICE_MEMORY = Bar("<=", 90)
ENGINE_MEMORY = Bar("<=", 60)
START = Bar("<=", 3)
STARTS = 5
CLICKS = 5
# Long enough for what a start leaves to do, for the reconciler and for the engine's statistics.
IDLE_AFTER = 15.0
MEGABYTE = 1_000_000
CLICK = """([rawId]) => new Promise((resolve, reject) => {
  const start = performance.now();
  const look = () => {
    const now = performance.now() - start;
    const shown = probe.picture(rawId, "tile");
    if (shown !== null && shown.frames >= 1) resolve(now);
    else if (now > 20000) reject(new Error("no picture within 20 s"));
    else setTimeout(look, 5);
  };
  document.querySelector('[data-testid="join"]').click();
  look();
})"""


@contextmanager
def started(folder: Path) -> Iterator[Server]:
    """A server, for as long as the block lasts."""
    server = Server(
        folder, "--demo", environment={"OPENROOMS_PROBE_SECONDS": "10"}, own_clock=False
    )
    server.start()
    try:
        yield server
    finally:
        server.close()


def idle_memory(server: Server) -> list[Metric]:
    """Resident memory of the two processes, a while after the start, with nobody there."""
    time.sleep(IDLE_AFTER)
    engine = server.engine()
    if engine is None:
        raise RuntimeError("the engine does not run")
    service = psutil.Process(server.pid).memory_info().rss / MEGABYTE
    return [
        Metric("idle memory of the service", service, "MB", SERVICE_MEMORY),
        Metric(
            "idle memory of the engine", engine.memory_info().rss / MEGABYTE, "MB", ENGINE_MEMORY
        ),
    ]


def later_start(server: Server) -> Metric:
    """From the command to the ready line, with a data directory that is there; the slowest of some."""
    took = []
    for _ in range(STARTS):
        server.stop()
        server.start()
        took.append(server.took_to_start)
    return Metric(f"start to ready, slowest of {STARTS}", max(took), "s", START)


def first_picture(server: Server, office: Office, town: Town) -> Metric:
    """From the click on Join to the first decoded frame of the one who is there already."""
    people = [town.call(who) for who in (DOCTOR, PATIENT)]
    doctor, patient = (
        Caller(person, server, user=office.user(), name=person.likeness.name) for person in people
    )
    room = office.room({doctor.user: PRESENTER, patient.user: ATTENDEE})
    doctor.join(room)
    took = []
    for _ in range(CLICKS):
        patient.open(room)
        wait_until_ready(patient)
        took.append(float(people[1].evaluate(CLICK, [doctor.user.raw_id])))
        patient.press("leave")
        wait_for("the end of the call", patient.end_reason, within=10)
    name = f"click to first decoded remote frame, median of {CLICKS}"
    return Metric(name, statistics.median(took), "ms")


def wait_until_ready(caller: Caller) -> None:
    """The page is open, the camera runs, and Join may be pressed."""
    preview = caller.person.page.locator('[data-testid="preview"] video')
    wait_for("the own picture", preview.is_visible, within=15)
    wait_for("the button Join", lambda: caller.may_press("join"), within=15)


def measure(folder: Path) -> Iterator[Metric]:
    """All figures of one server's life."""
    with started(folder / "server") as server:
        say("Measuring: memory")
        yield from idle_memory(server)
        say("Measuring: start")
        yield later_start(server)
        say("Measuring: first picture")
        office = Office(server)
        with stage() as playwright:
            town = Town(playwright, folder)
            try:
                yield first_picture(server, office, town)
            finally:
                town.empty()
                office.close()
