"""A real browser whose signalling is rewritten on the way: its real media reaches nobody it may not."""

import re
from collections.abc import Callable

import pytest
from livekit.protocol import models, rtc
from playwright.sync_api import WebSocketRoute
from support.browser import Person, Town
from support.callpage import Caller
from support.deadlines import stays, wait_for
from support.engine import EngineEye
from support.likeness import DOCTOR, PATIENT
from support.office import ATTENDEE, PRESENTER, Office
from support.scenes import DOCTORS_NAME
from support.server import Server

CAMERA, MICROPHONE = models.TrackSource.CAMERA, models.TrackSource.MICROPHONE
SCREEN, SCREEN_AUDIO = models.TrackSource.SCREEN_SHARE, models.TrackSource.SCREEN_SHARE_AUDIO


class Patch:
    """Gives every track that the browser asks for another label, and counts them."""

    def __init__(self, labels: dict[models.TrackSource, models.TrackSource]) -> None:
        self._labels = labels
        self.rewritten = 0

    def apply(self, person: Person) -> None:
        def splice(browser: WebSocketRoute) -> None:
            gate = browser.connect_to_server()

            def pass_on(frame: str | bytes) -> None:
                gate.send(self._rewrite(frame) if isinstance(frame, bytes) else frame)

            browser.on_message(pass_on)

        person.page.route_web_socket(re.compile("/calling/v1/media/"), splice)

    def _rewrite(self, frame: bytes) -> bytes:
        request = rtc.SignalRequest.FromString(frame)
        source = self._labels.get(request.add_track.source)
        if not request.HasField("add_track") or source is None:
            return frame
        self.rewritten += 1
        request.add_track.source = source
        return request.SerializeToString()


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param({CAMERA: MICROPHONE}, id="camera labelled microphone"),
        pytest.param({CAMERA: SCREEN, MICROPHONE: SCREEN_AUDIO}, id="all labelled screen"),
    ],
)
def test_an_attendee_who_relabels_his_tracks_is_not_seen(
    server: Server,
    office: Office,
    eye: EngineEye,
    people: Town,
    labels: dict[models.TrackSource, models.TrackSource],
) -> None:
    doctor = Caller(people.call(DOCTOR), server, user=office.user(), name=DOCTORS_NAME)
    intruder = Caller(people.call(PATIENT), server, user=office.user(), name="Patched")
    room = office.room({doctor.user: PRESENTER, intruder.user: ATTENDEE})
    patch = Patch(labels)
    patch.apply(intruder.person)
    doctor.join(room)

    intruder.start_to_join(room)

    wait_for("the lie on the wire", _pumped(intruder, lambda: patch.rewritten > 0), within=15)
    stays("nothing of him is seen", lambda: _unseen(doctor, intruder, eye), for_seconds=3)
    assert doctor.is_in_call()


def _pumped(who: Caller, look: Callable[[], bool]) -> Callable[[], bool]:
    """Look, after letting the patched frames through: they pass only while the page is spoken to."""

    def pump_and_look() -> bool:
        who.person.evaluate("1")
        return look()

    return pump_and_look


def _unseen(doctor: Caller, intruder: Caller, eye: EngineEye) -> bool:
    intruder.person.evaluate("1")
    pictures = [doctor.picture(intruder, place) for place in ("tile", "share-tile")]
    tracks = {track for place in eye.of(intruder.user.raw_id) for track in place.tracks}
    return pictures == [None, None] and tracks <= {"MICROPHONE"}
