"""What falls between the gate's mint and its connect holds all the same.

The service runs inside this process; its connect to the engine is held still with a token for the
old role in its hands, while the roster changes.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from livekit.protocol import models, rtc
from support.agents import Agent, Joined, agent
from support.deadlines import stays, wait_for
from support.engine import EngineEye
from support.gates import Line, ShutOut, line, open_line
from support.inside import Hold, Inside, held, inside
from support.office import ATTENDEE, CONSUMER, Office, User
from websockets.asyncio.client import connect

ENGINE_CONNECT = "openrooms.media.livekit.dialing.connect"
MICROPHONE = rtc.AddTrackRequest(
    cid="by-hand", type=models.TrackType.AUDIO, source=models.TrackSource.MICROPHONE
)


@pytest.fixture(params=["minted, not yet connected", "connected, nothing passed down yet"])
def hold(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Hold:
    """Where the gate is held: on either side of the moment in which the engine learns of the leg."""
    chosen, open_door = Hold(), Hold()
    early = str(request.param).startswith("minted")
    before, after = (chosen, open_door) if early else (open_door, chosen)
    monkeypatch.setattr(ENGINE_CONNECT, held(connect, before=before, after=after))
    return chosen


@pytest.fixture
def service(hold: Hold, tmp_path: Path) -> Iterator[Inside]:
    with inside(tmp_path) as running:
        yield running


@dataclass(frozen=True, slots=True)
class Entering:
    """An Attendee whose connection stands at the hold."""

    user: User
    room: str
    leg: Joined
    socket: Agent
    outcome: "Future[Line | ShutOut]"


@pytest.fixture
def desk(service: Inside) -> Iterator[Office]:
    made = Office(service)
    yield made
    made.close()


@pytest.fixture
def entering(service: Inside, desk: Office, hold: Hold) -> Iterator[Entering]:
    user = desk.user()
    room = desk.room({user: ATTENDEE})
    with (
        agent(service.ready.browser_url, service.secrets) as socket,
        ThreadPoolExecutor(1) as crew,
    ):
        socket.hello(user.token)
        leg = socket.join(room)
        hold.arm()
        yield Entering(user, room, leg, socket, crew.submit(_enter, service, leg.ticket))


def _enter(service: Inside, ticket: str) -> "Line | ShutOut":
    """Open media; gives the connection, still to be listened to, or the refusal."""
    try:
        return open_line(service.ready.browser_url, ticket)
    except ShutOut as refused:
        return refused


def _gone(eye: EngineEye, who: Entering) -> Callable[[], bool]:
    return lambda: not eye.of(who.user.raw_id)


@pytest.mark.parametrize("change", ["removed from the roster", "room deleted"])
def test_who_is_taken_out_meanwhile_gets_nothing(
    service: Inside, desk: Office, hold: Hold, entering: Entering, change: str
) -> None:
    eye = EngineEye(service.data)
    hold.reached()

    if change == "room deleted":
        desk.delete(entering.room)
    else:
        desk.expel(entering.room, entering.user)
    hold.let_go()

    refused = entering.outcome.result(20)
    assert isinstance(refused, ShutOut)
    assert (refused.status, "5317" in refused.body) == (403, True)
    ended = entering.socket.event("ended", within=2)
    assert (ended["code"], ended["subCode"]) == (0, 5317)
    wait_for("nothing of him at the engine", _gone(eye, entering), within=2)
    stays("nothing of him at the engine", _gone(eye, entering), for_seconds=1)


def test_who_is_demoted_meanwhile_may_only_watch(
    service: Inside, desk: Office, hold: Hold, entering: Entering
) -> None:
    eye = EngineEye(service.data)
    hold.reached()

    desk.invite(entering.room, entering.user, CONSUMER)
    hold.let_go()

    connection = entering.outcome.result(20)
    assert isinstance(connection, Line)
    connection.hear("join")
    # From the first byte on: no moment in which the old role holds.
    assert [place.may_publish for place in eye.of(entering.user.raw_id)] == [False]
    connection.say(rtc.SignalRequest(add_track=MICROPHONE))
    assert connection.silent_about("track_published", for_seconds=1)
    assert entering.socket.event("roleChanged", within=2)["role"] == "Consumer"
    connection.hang_up()


def test_who_is_added_again_meanwhile_needs_a_new_leg(
    service: Inside, desk: Office, hold: Hold, entering: Entering
) -> None:
    hold.reached()

    desk.expel(entering.room, entering.user)
    desk.invite(entering.room, entering.user)
    hold.let_go()

    assert isinstance(entering.outcome.result(20), ShutOut)
    fresh = entering.socket.join(entering.room)
    assert fresh.participant_id != entering.leg.participant_id
    with line(service.ready.browser_url, fresh.ticket) as connection:
        connection.hear("join")
