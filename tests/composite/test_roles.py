"""Roles that the Rooms SDK changes while the call is on, as the composite shows them."""

import pytest
from support.composite import Meeting
from support.likeness import DOCTOR, PATIENT

MICROPHONE = "call-composite-microphone-button"
CAMERA = "call-composite-camera-button"
SHARE = "call-composite-screenshare-button"
WITHIN = 10.0


@pytest.mark.parametrize("role", ["Presenter", "Collaborator"])
def test_who_may_share_gets_the_button_and_loses_it_as_attendee(call: Meeting, role: str) -> None:
    patient = call.patient
    patient.loses(SHARE)

    call.make(patient, role)
    patient.gets(SHARE)
    call.make(patient, "Attendee")

    patient.loses(SHARE)


def test_a_consumer_has_neither_microphone_nor_camera_and_watches_on(call: Meeting) -> None:
    doctor, patient = call.both
    doctor.sees(PATIENT)

    call.make(patient, "Consumer")

    patient.loses(MICROPHONE, CAMERA, SHARE)
    doctor.sees_nobody()
    patient.sees(DOCTOR)
    patient.hears(DOCTOR)


def test_a_consumer_who_becomes_attendee_speaks_again(call: Meeting) -> None:
    doctor, patient = call.both
    call.make(patient, "Consumer")
    patient.loses(MICROPHONE)

    call.make(patient, "Attendee")
    patient.gets(MICROPHONE, CAMERA)
    patient.press(CAMERA)

    doctor.sees(PATIENT, within=WITHIN)


def test_a_presenter_who_shares_and_becomes_attendee_shares_no_more(call: Meeting) -> None:
    doctor, patient = call.both
    patient.sees(DOCTOR)
    doctor.press(SHARE)
    patient.sees_screen()

    call.make(doctor, "Attendee")

    patient.sees_no_screen()
    doctor.loses(SHARE)


@pytest.mark.parametrize("role", ["Presenter", "Collaborator", "Attendee", "Consumer"])
def test_everyone_comes_in_with_his_role(meeting: Meeting, role: str) -> None:
    patient = meeting.patient
    meeting.make(patient, role)

    patient.prepare()
    patient.start()

    patient.is_in("connected", within=WITHIN)
    if role == "Consumer":
        patient.loses(MICROPHONE, CAMERA)
    else:
        patient.gets(MICROPHONE, CAMERA)
    if role in {"Presenter", "Collaborator"}:
        patient.gets(SHARE)
    else:
        patient.loses(SHARE)
