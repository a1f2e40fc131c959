"""H07: who sends the same thing several times at once is put out; who is only quick with a button is not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile.conftest import BreachedServer
from support.browser import Town
from support.deadlines import stays, wait_for
from support.engine import EngineEye
from support.likeness import DOCTOR
from support.office import ATTENDEE, Office
from support.report import figure
from support.sdkpage import Client, serve_page

TOO_MANY = "openrooms.calling.publications:too_many"
JOINED_WITHIN = 15.0
# 2 s are allowed.
MANY_OUT_WITHIN = 5.0
# 10 s are allowed.
TWO_OUT_WITHIN = 15.0
PUT_OUT = "403/0"
# What livekit-client never does by itself: the room under the SDK sends one camera after the other.
SEND_MORE = """
  const { localParticipant } = app.call._origins.meter._room._room;
  for (let sent = 0; sent < it.more; sent += 1) {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d");
    setInterval(() => context.fillRect(Math.random() * 99, 0, 9, 9), 50);
    const [track] = canvas.captureStream(20).getVideoTracks();
    localParticipant.publishTrack(track, { source: "camera", simulcast: false }).catch(() => 0);
  }
"""
OFF_AND_ON = """
  for (let time = 0; time < 10; time += 1) {
    await app.call.stopVideo(app.camera);
    await app.call.startVideo(app.camera);
  }
"""
CONNECT_ANEW = "await app.call._origins.meter._room._room.simulateScenario(it.how)"


@pytest.fixture
def ann(server: BreachedServer, office: Office, people: Town, tmp_path: Path) -> Iterator[Client]:
    """Somebody who shows herself, in a page that does as it is told."""
    user = office.user()
    room = office.room({user: ATTENDEE})
    with serve_page(tmp_path) as address:
        made = Client(people.call(DOCTOR), address)
        made.open()
        made.enter(user, "Ann")
        made.do("app.agent.join({ roomId: it.room })", room=room)
        made.is_in("Connected", within=JOINED_WITHIN)
        made.do("await app.call.startVideo(await app.newCamera())")
        yield made


def cameras(eye: EngineEye, who: Client) -> int:
    """How many the engine has of hers."""
    return sum(place.tracks.count("CAMERA") for place in eye.of(who.user.raw_id))


@pytest.mark.guards(TOO_MANY)
@pytest.mark.parametrize(
    ("more", "within"),
    [
        pytest.param(1, TWO_OUT_WITHIN, id="twice"),
        pytest.param(2, MANY_OUT_WITHIN, id="three times"),
        pytest.param(9, MANY_OUT_WITHIN, id="ten times"),
    ],
)
def test_h07_who_sends_a_camera_several_times_is_put_out(
    eye: EngineEye, ann: Client, more: int, within: float
) -> None:
    ann.do(SEND_MORE, more=more)
    sent = min(1 + more, 3)
    wait_for("the engine to have them", lambda: cameras(eye, ann) >= sent, within=JOINED_WITHIN)
    _, took = wait_for("her call to end", lambda: ann.look().end, within=within, every=0.02)

    figure(f"H07, out who sends a camera {1 + more} times", took, at_most=within, unit="s")
    assert ann.look().end == PUT_OUT
    wait_for("the engine to be without her", lambda: not eye.of(ann.user.raw_id), within=5)


@pytest.mark.parametrize("how", ["full-reconnect", "resume-reconnect"])
def test_h07_who_is_quick_with_the_button_and_connects_anew_stays(
    eye: EngineEye, ann: Client, how: str
) -> None:
    ann.do(OFF_AND_ON)
    ann.do(CONNECT_ANEW, how=how)
    ann.do(OFF_AND_ON)

    # While she connects anew there may be none of hers, or two, for a moment.
    stays("her call", lambda: ann.look().end is None, for_seconds=TWO_OUT_WITHIN, every=0.5)
    wait_for("one camera of hers", lambda: cameras(eye, ann) == 1, within=JOINED_WITHIN)
