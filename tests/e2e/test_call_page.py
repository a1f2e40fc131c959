"""The call page in short: two people follow links, see each other's doings, and leave nothing behind.

`tests/composite` has the rest: every button, every role, every end.
"""

from collections.abc import Iterator

import pytest
from support.browser import Person
from support.composite import Meeting, convene
from support.likeness import DOCTOR, PATIENT
from support.office import Office
from support.report import figure
from support.scenes import MET_WITHIN
from support.server import Server

REFUSED_WITHIN = 10.0


@pytest.fixture(scope="module")
def meeting(server: Server, office: Office, couple: tuple[Person, Person]) -> Iterator[Meeting]:
    """Doctor and patient, each before the view of an invitation's link."""
    made = convene(server, office, couple)
    yield made
    for guest in made.both:
        guest.person.go_away()


def test_two_who_follow_their_links_see_and_hear_each_other(meeting: Meeting) -> None:
    doctor, patient = meeting.both
    doctor.enter()
    patient.enter()

    took = max(doctor.sees(PATIENT, within=MET_WITHIN), patient.sees(DOCTOR, within=MET_WITHIN))

    figure("call page: the other's picture moves", took, at_most=MET_WITHIN, unit="s")
    doctor.hears(PATIENT)
    patient.hears(DOCTOR)


def test_what_one_switches_the_other_notices(meeting: Meeting) -> None:
    doctor, patient = meeting.both

    patient.press("call-composite-camera-button")
    doctor.sees_nobody()
    patient.press("call-composite-microphone-button")
    doctor.hears_nothing_of(PATIENT)
    patient.press("call-composite-camera-button")
    patient.press("call-composite-microphone-button")

    doctor.sees(PATIENT, within=MET_WITHIN)
    doctor.hears(PATIENT)


def test_who_is_made_a_watcher_is_neither_seen_nor_heard(meeting: Meeting) -> None:
    doctor, patient = meeting.both

    meeting.make(patient, "Consumer")

    doctor.sees_nobody()
    patient.sees(DOCTOR)
    patient.loses("call-composite-microphone-button")
    meeting.make(patient, "Attendee")
    patient.gets("call-composite-microphone-button")


def test_after_the_call_nothing_stays_open_and_nothing_went_wrong(meeting: Meeting) -> None:
    for guest in meeting.both:
        guest.hang_up()

    for guest in meeting.both:
        assert guest.numbers == "0/0"
        guest.shows("Help us improve")
        guest.closes_all_devices()
        assert guest.complaints() == []
        assert guest.addresses() == {meeting.origin}


def test_who_is_not_invited_is_told_so(meeting: Meeting) -> None:
    stranger, _ = meeting.both
    meeting.expel(stranger)

    stranger.follow(meeting.link(stranger))
    stranger.prepare()
    stranger.start()

    stranger.is_in("ended", within=REFUSED_WITHIN)
    assert stranger.numbers == "403/5828"
    stranger.shows("Not invited to room")
