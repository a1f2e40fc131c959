"""A real browser whose messages are rewritten on the way: its real media reaches nobody it may not."""

import json
import re
from collections.abc import Callable

import pytest
from livekit.protocol import models, rtc
from playwright.sync_api import WebSocketRoute
from support.browser import Person, Town
from support.callpage import UNHEARD, Caller
from support.deadlines import stays, wait_for
from support.engine import EngineEye
from support.likeness import DOCTOR, PATIENT
from support.office import ATTENDEE, CONSUMER, PRESENTER, Office
from support.report import figure
from support.scenes import DOCTORS_NAME, Consultation, call_in, consult
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


def make_deaf(person: Person) -> None:
    """Keep from the page all that takes something away: events, the engine's farewells, closes."""

    def splice_agent(page: WebSocketRoute) -> None:
        server = page.connect_to_server()
        server.on_message(lambda text: None if _takes_away(text) else page.send(text))
        server.on_close(lambda *_: None)

    def splice_media(page: WebSocketRoute) -> None:
        gate = page.connect_to_server()
        gate.on_message(lambda frame: None if _says_farewell(frame) else page.send(frame))
        gate.on_close(lambda *_: None)

    person.page.route_web_socket(re.compile("/calling/v1/agent"), splice_agent)
    person.page.route_web_socket(re.compile("/calling/v1/media/"), splice_media)


def _takes_away(text: str | bytes) -> bool:
    return json.loads(text).get("event") in {"ended", "roleChanged", "legsChanged"}


def _says_farewell(frame: str | bytes) -> bool:
    told = rtc.SignalResponse.FromString(frame if isinstance(frame, bytes) else b"")
    return told.WhichOneof("message") in {"leave", "track_unpublished", "update"}


@pytest.fixture
def deaf(server: Server, office: Office, people: Town) -> Consultation:
    """A consultation whose patient's page never hears what is taken from it."""
    doctor, patient = call_in(people)
    make_deaf(patient)
    made = consult(server, office, (doctor, patient))
    made.meet()
    return made


def test_who_is_deaf_to_his_removal_is_out_all_the_same(
    office: Office, eye: EngineEye, deaf: Consultation
) -> None:
    doctor, patient = deaf.doctor, deaf.patient

    office.expel(deaf.room, patient.user)

    gone = _pumped(patient, lambda: not doctor.tiles() and not eye.of(patient.user.raw_id))
    _, took = wait_for("he is out", gone, within=10)
    figure("removal of a deaf client, at the engine", took, at_most=2, unit="s")
    assert doctor.loudness(patient, milliseconds=600) < UNHEARD
    stays("he is out", gone, for_seconds=3)


def test_who_is_deaf_to_his_demotion_is_silenced_all_the_same(
    office: Office, eye: EngineEye, deaf: Consultation
) -> None:
    doctor, patient = deaf.doctor, deaf.patient

    office.invite(deaf.room, patient.user, CONSUMER)

    silenced = _pumped(patient, lambda: not _tracks(eye, patient))
    _, took = wait_for("his tracks are gone", silenced, within=10)
    figure("demotion of a deaf client, at the engine", took, at_most=2, unit="s")
    doctor.sees_nothing_new_of(patient, within=2)
    assert doctor.loudness(patient, milliseconds=600) < UNHEARD
    stays("he is silenced", silenced, for_seconds=3)


def _tracks(eye: EngineEye, who: Caller) -> list[str]:
    return [track for place in eye.of(who.user.raw_id) for track in place.tracks]


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

    intruder.open(room)
    intruder.press_join()

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
    return pictures == [None, None] and set(_tracks(eye, intruder)) <= {"MICROPHONE"}
