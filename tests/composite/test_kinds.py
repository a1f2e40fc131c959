"""The composite in the other kinds of calls: by group id, and of one who calls another."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from support.agents import Agent, agent
from support.composite import Guest, Meeting
from support.likeness import DOCTOR, PATIENT

WITHIN = 10.0
# How long a call rings, and some time on top.
UNANSWERED_WITHIN = 135.0


@pytest.fixture
def callee(meeting: Meeting) -> Iterator[Agent]:
    """The patient at an agent of his own, without a page."""
    with agent(meeting.server.ready.browser_url, meeting.server.secrets) as waiting:
        waiting.hello(meeting.patients_user.token)
        yield waiting


def _call(meeting: Meeting) -> Guest:
    """The doctor calls the patient."""
    doctor = meeting.doctor
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
    assert [guest.complaints() for guest in meeting.both] == [[], []]


def test_a_call_rings_and_begins_when_it_is_taken(meeting: Meeting, callee: Agent) -> None:
    doctor = _call(meeting)
    ringing = callee.event("incoming", within=WITHIN)
    doctor.shows("Calling...")

    callee.ask("accept", participantId=ringing["participantId"], joinId=str(uuid4()))

    doctor.is_in("connected", within=WITHIN)
    doctor.hang_up()
    assert doctor.numbers == "0/0"
    assert doctor.complaints() == []


def test_a_call_that_is_declined(meeting: Meeting, callee: Agent) -> None:
    doctor = _call(meeting)
    ringing = callee.event("incoming", within=WITHIN)

    callee.ask("reject", participantId=ringing["participantId"])

    doctor.is_in("ended", within=WITHIN)
    assert doctor.numbers == "603/0"
    doctor.shows("The call could not be completed")


def test_a_call_to_who_is_nowhere(meeting: Meeting) -> None:
    meeting.patient.person.go_away()

    doctor = _call(meeting)

    doctor.is_in("ended", within=WITHIN)
    assert doctor.numbers == "480/10037"
    doctor.shows("Target participant is currently not available")


def test_a_call_that_nobody_takes(meeting: Meeting, callee: Agent) -> None:
    doctor = _call(meeting)
    callee.event("incoming", within=WITHIN)

    doctor.is_in("ended", within=UNANSWERED_WITHIN)

    assert doctor.numbers == "487/10004"
    doctor.shows("The call could not be completed")
