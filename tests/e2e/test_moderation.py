"""What a Presenter does to the media of others holds at the engine, for real microphones and cameras."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from support.agents import Agent, agent
from support.callpage import HEARD, Caller
from support.deadlines import stays, wait_for
from support.engine import EngineEye
from support.office import PRESENTER, Office
from support.report import figure
from support.scenes import Consultation
from support.server import Server

HELD_WITHIN = 2.0


@contextmanager
def chair(
    server: Server, office: Office, consultation: Consultation
) -> Iterator[tuple[Agent, str]]:
    """One more Presenter, who speaks the agent socket by hand; and the call."""
    user = office.user()
    office.invite(consultation.room, user, PRESENTER)
    with agent(server.ready.browser_url, server.secrets) as one:
        one.hello(user.token)
        yield one, one.join(consultation.room).call_id


def test_who_is_muted_is_silent_at_the_engine(
    server: Server, office: Office, eye: EngineEye, consultation: Consultation
) -> None:
    doctor, patient = consultation.doctor, consultation.patient

    with chair(server, office, consultation) as (presenter, call):
        presenter.ask("mute", callId=call, rawIds=[patient.user.raw_id])

        wait_for("his microphone is muted", lambda: _muted(eye, patient), within=HELD_WITHIN)
        doctor.hears_nothing_of(patient, within=HELD_WITHIN)
        assert not _muted(eye, doctor)
        assert doctor.loudness(patient) < HEARD


def test_an_attendee_who_may_not_speak_is_unpublished_and_still_seen(
    server: Server, office: Office, eye: EngineEye, consultation: Consultation
) -> None:
    doctor, patient = consultation.doctor, consultation.patient

    with chair(server, office, consultation) as (presenter, call):
        presenter.ask("mediaAccess", callId=call, rawIds=None, audio=False)

        _, took = wait_for("no microphone", lambda: _sends(eye, patient) == {"CAMERA"}, within=10)
        figure("media access held at the engine", took, at_most=HELD_WITHIN, unit="s")
        doctor.hears_nothing_of(patient, within=HELD_WITHIN)
        stays("he stays silent", lambda: _sends(eye, patient) == {"CAMERA"}, for_seconds=2)
        assert _sends(eye, doctor) == {"CAMERA", "MICROPHONE"}
        doctor.sees(patient, within=5)


def _muted(eye: EngineEye, who: Caller) -> bool:
    tracks = [
        track
        for place in eye.of(who.user.raw_id)
        for track in json.loads(place.text).get("tracks", [])
    ]
    return any(track.get("source") == "MICROPHONE" and track.get("muted") for track in tracks)


def _sends(eye: EngineEye, who: Caller) -> set[str]:
    return {track for place in eye.of(who.user.raw_id) for track in place.tracks}
