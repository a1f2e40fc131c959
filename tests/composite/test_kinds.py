"""The composite in the other kinds of calls: by group id, and of one who calls another."""

from functools import partial
from uuid import uuid4

import pytest
from calls.meeting import ACCEPT, rings
from support.composite import Guest, Meeting
from support.deadlines import wait_for
from support.likeness import DOCTOR, PATIENT
from support.scenes import PATIENTS_NAME
from support.sdkpage import Client

WITHIN = 10.0
# How long a call rings, and some time on top.
UNANSWERED_WITHIN = 135.0


@pytest.fixture
def callee(meeting: Meeting, sdk_page: str) -> Client:
    """The patient at a page that can be called; the composite cannot."""
    waiting = Client(meeting.patient.person, sdk_page)
    waiting.open()
    waiting.enter(meeting.patients_user, PATIENTS_NAME)
    return waiting


def _call(meeting: Meeting) -> Guest:
    """The doctor calls the patient."""
    doctor = meeting.doctor
    # The call may be answered, or over, before its ringing has begun to sound.
    doctor.forgive("The play() request was interrupted by a call to pause()")
    doctor.follow(meeting.link(doctor, callee=meeting.patients_user.raw_id))
    doctor.prepare()
    doctor.start()
    return doctor


def test_two_meet_in_a_group_call(meeting: Meeting) -> None:
    group = str(uuid4())
    doctor, patient = meeting.both
    for guest in meeting.both:
        guest.follow(meeting.link(guest, group=group))
        guest.enter()

    doctor.sees(PATIENT, within=WITHIN)
    patient.sees(DOCTOR, within=WITHIN)
    doctor.hang_up()
    patient.sees_nobody()
    patient.hang_up()

    for guest in meeting.both:
        assert guest.numbers == "0/0"
        guest.closes_all_devices()
        assert guest.complaints() == []
        assert guest.addresses() == {meeting.origin}


def _rings(callee: Client) -> None:
    wait_for("the ring", partial(rings, callee), within=WITHIN)


def test_a_call_rings_and_begins_when_it_is_taken(
    meeting: Meeting, callee: Client, sdk_page: str
) -> None:
    doctor = _call(meeting)
    _rings(callee)
    doctor.shows("Calling...")

    callee.do(ACCEPT)

    doctor.is_in("connected", within=WITHIN)
    doctor.sees(PATIENT, within=WITHIN)
    doctor.hears(PATIENT)
    doctor.hang_up()
    assert doctor.numbers == "0/0"
    callee.is_in("Disconnected", within=WITHIN)
    for guest in meeting.both:
        guest.closes_all_devices()
        assert guest.complaints() == []
    assert doctor.addresses() == {meeting.origin}
    # The callee's page is served elsewhere, as an app's own.
    assert meeting.patient.addresses() == {meeting.origin, sdk_page.rstrip("/")}


def test_a_call_that_is_declined(meeting: Meeting, callee: Client) -> None:
    doctor = _call(meeting)
    _rings(callee)

    callee.do("await app.incoming.reject()")

    doctor.is_in("ended", within=WITHIN)
    assert doctor.numbers == "603/0"
    doctor.shows("The call could not be completed")


def test_a_call_to_who_is_nowhere(meeting: Meeting) -> None:
    meeting.patient.person.go_away()

    doctor = _call(meeting)

    doctor.is_in("ended", within=WITHIN)
    assert doctor.numbers == "480/10037"
    doctor.shows("Target participant is currently not available")


def test_a_call_that_nobody_takes(meeting: Meeting, callee: Client) -> None:
    doctor = _call(meeting)
    _rings(callee)

    doctor.is_in("ended", within=UNANSWERED_WITHIN)

    assert doctor.numbers == "487/10004"
    doctor.shows("The call could not be completed")
