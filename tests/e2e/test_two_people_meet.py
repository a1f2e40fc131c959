"""A doctor and a patient follow their links: they see and hear each other, and each other's doings."""

import pytest
from support.browser import Town
from support.callpage import HEARD, Caller
from support.deadlines import wait_for
from support.office import Office
from support.report import figure_of_few
from support.scenes import DOCTORS_NAME, MET_WITHIN, PATIENTS_NAME, Consultation, call_in, consult
from support.server import Server

SEEN_WITHIN = 1.0


@pytest.fixture(scope="module")
def meeting(server: Server, office: Office, neighbours: Town) -> Consultation:
    """One call for the whole module: every test leaves it as it found it."""
    return consult(server, office, call_in(neighbours, width=640, height=360))


def _seen_as(watcher: Caller, other: Caller, **wanted: str) -> float:
    def is_so() -> bool:
        tile = watcher.tile(other)
        return tile is not None and wanted.items() <= dict(tile).items()

    _, took = wait_for(f"{other.name} as {wanted}", is_so, within=SEEN_WITHIN + 5, every=0.02)
    return took


def test_each_sees_the_others_camera_and_hears_the_others_voice(meeting: Consultation) -> None:
    doctor, patient = meeting.doctor, meeting.patient

    # Each of these fails by itself when nothing comes in time.
    doctor.sees(patient, within=MET_WITHIN)
    patient.sees(doctor, within=MET_WITHIN)
    doctor.hears(patient, within=MET_WITHIN)
    patient.hears(doctor, within=MET_WITHIN)


def test_nobody_hears_himself(meeting: Consultation) -> None:
    for each in (meeting.doctor, meeting.patient):
        assert each.loudness(each, milliseconds=1000) < HEARD


def test_names_are_right(meeting: Consultation) -> None:
    seen = {each.name: each.tiles() for each in (meeting.doctor, meeting.patient)}

    assert [tile["name"] for tile in seen[DOCTORS_NAME]] == [PATIENTS_NAME]
    assert [tile["name"] for tile in seen[PATIENTS_NAME]] == [DOCTORS_NAME]


def test_mute_is_seen_by_the_other_within_a_second(meeting: Consultation) -> None:
    doctor, patient = meeting.doctor, meeting.patient

    def mute_and_unmute_twice() -> list[float]:
        took: list[float] = []
        for muted in ("true", "false", "true", "false"):
            patient.press("mute")
            took.append(_seen_as(doctor, patient, muted=muted))
        return took

    figure_of_few("mute seen by the other", mute_and_unmute_twice, at_most=SEEN_WITHIN, unit="s")
    doctor.hears(patient, within=5)


def test_a_muted_voice_is_not_heard(meeting: Consultation) -> None:
    doctor, patient = meeting.doctor, meeting.patient
    patient.press("mute")

    doctor.hears_nothing_of(patient, within=2)
    patient.hears(doctor, within=2)

    patient.press("mute")
    doctor.hears(patient, within=2)


def test_camera_off_on_off_on_is_seen_by_the_other_within_a_second(meeting: Consultation) -> None:
    doctor, patient = meeting.doctor, meeting.patient

    def off_on_off_on() -> list[float]:
        took: list[float] = []
        for video in ("off", "on", "off", "on"):
            patient.press("camera")
            took.append(_seen_as(doctor, patient, video=video))
        return took

    figure_of_few("camera seen by the other", off_on_off_on, at_most=SEEN_WITHIN, unit="s")
    doctor.sees(patient, within=3)
