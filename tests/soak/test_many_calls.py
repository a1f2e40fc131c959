"""A page in which people come and go all day: nothing of a call is left when it is over."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression

import pytest
from playwright.sync_api import CDPSession
from support.browser import Person, Town
from support.deadlines import wait_for
from support.likeness import DOCTOR, PATIENT
from support.office import ATTENDEE, PRESENTER, Office
from support.report import figure, lines
from support.sdkpage import Client, serve_page

PAGE = Path(__file__).parent / "page" / "main.js"
JOIN = """app.agent.join(it.place, {
  videoOptions: { localVideoStreams: [await app.newCamera()] },
})"""
# The first calls fill caches; from then on the same is left after each.
BATCH = 20
# Of the heap, measured after a collection of garbage: noise of it, and no growth.
MOST_BYTES_A_CALL = 2_000


@dataclass(frozen=True, slots=True)
class Left:
    """What is there between two calls."""

    nodes: float
    listeners: float
    connections: float
    sounds: float
    tracks: float
    heap: float

    @property
    def counted(self) -> dict[str, float]:
        """All but the heap, which is never twice the same."""
        return {
            "nodes": self.nodes,
            "listeners": self.listeners,
            "peer connections": self.connections,
            "audio nodes": self.sounds,
            "live tracks": self.tracks,
        }


class Scales:
    """Weighs a page, after its garbage is collected."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._session: CDPSession = person.page.context.new_cdp_session(person.page)
        self._session.send("Performance.enable")

    def rest(self) -> Left:
        """Weigh once the browser has forgotten the last calls' devices, which takes it a while."""
        left, _ = wait_for("the browser to forget", self._forgotten, within=60, every=1)
        return left

    def _forgotten(self) -> Left | None:
        left = self._weigh()
        return left if left.connections == 0 else None

    def _weigh(self) -> Left:
        self._session.send("HeapProfiler.collectGarbage")
        listed = self._session.send("Performance.getMetrics")["metrics"]
        told = {one["name"]: float(one["value"]) for one in listed}
        return Left(
            nodes=told["Nodes"],
            listeners=told["JSEventListeners"],
            connections=told["RTCPeerConnections"],
            sounds=told["AudioHandlers"],
            tracks=float(self._person.evaluate("soak.live()")),
            heap=told["JSHeapUsedSize"],
        )


@pytest.fixture
def soak_page(tmp_path: Path) -> Iterator[str]:
    """Where the page is served that joins and leaves."""
    with serve_page(tmp_path, PAGE) as address:
        yield address


def test_hundreds_of_calls_in_one_page_leave_nothing_behind(
    request: pytest.FixtureRequest, office: Office, people: Town, sdk_page: str, soak_page: str
) -> None:
    stays = Client(people.call(DOCTOR), sdk_page)
    comes = people.call(PATIENT, probed=False)
    guest = office.user()
    room = {"roomId": office.room({})}
    stays.open()
    stays.enter(office.user(), "Ann")
    office.invite(room["roomId"], stays.user, PRESENTER)
    office.invite(room["roomId"], guest, ATTENDEE)
    stays.do(JOIN, place=room)
    stays.is_in("Connected", within=15)
    comes.page.goto(soak_page)
    comes.page.set_default_timeout(120_000)
    scales = Scales(comes)
    joins = request.config.getoption("--joins")
    weighed = []
    for _ in range(max(2, joins // BATCH)):
        comes.evaluate(
            "([place, token, many]) => soak.rounds(place, token, many)", [room, guest.token, BATCH]
        )
        weighed.append(scales.rest())

    first, last = weighed[0], weighed[-1]
    calls = [float(BATCH * number) for number in range(len(weighed))]
    slope = linear_regression(calls, [one.heap for one in weighed]).slope
    lines.append(f"left after {BATCH} calls: {first.counted}, heap {first.heap / 1e6:.2f} MB")
    lines.append(
        f"left after {BATCH * len(weighed)}: {last.counted}, heap {last.heap / 1e6:.2f} MB"
    )
    assert last.counted == first.counted
    assert first.tracks == 0
    figure("heap's growth a call", slope, at_most=MOST_BYTES_A_CALL, unit="bytes")
