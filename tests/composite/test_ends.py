"""What the page says at each end of a call: in the composite's words, or in ours where it has none."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from support.composite import Meeting
from support.server import Server

WITHIN = 10.0
NO_ANSWER_AFTER = 120.0
# What the composite says on the console as well.
UNINVITED = "your invite to this room has been removed"


@pytest.fixture(autouse=True)
def _real_time(server: Server) -> None:
    server.move_clock(0)


def _uninvite(meeting: Meeting) -> None:
    meeting.expel(meeting.doctor)


def _open_later(meeting: Meeting) -> None:
    doctor = meeting.doctor
    later = datetime.now(UTC) + timedelta(days=1)
    room = meeting.office.room({meeting.user(doctor): "Presenter"}, valid_from=later)
    doctor.follow(meeting.link(doctor, room=room))


def _go_astray(meeting: Meeting) -> None:
    doctor = meeting.doctor
    doctor.follow(meeting.link(doctor, room="99999999999999999"))


@pytest.mark.parametrize(
    ("arrange", "numbers", "title", "complaint"),
    [
        pytest.param(_uninvite, "403/5828", "Not invited to room", "not invited", id="not invited"),
        pytest.param(
            _open_later, "403/5829", "Room not valid", "currently not valid", id="not open yet"
        ),
        pytest.param(
            _go_astray, "404/5732", "Room not found", "could not be found", id="no such room"
        ),
    ],
)
def test_who_is_not_let_in(
    meeting: Meeting,
    arrange: Callable[[Meeting], None],
    numbers: str,
    title: str,
    complaint: str,
) -> None:
    doctor = meeting.doctor
    arrange(meeting)

    doctor.prepare()
    doctor.start()

    doctor.is_in("ended", within=WITHIN)
    assert doctor.numbers == numbers
    doctor.shows(title)
    doctor.complains(complaint)
    doctor.closes_all_devices()


def test_who_is_taken_off_the_roster_in_the_call(call: Meeting) -> None:
    patient = call.patient

    call.expel(patient)

    patient.is_in("ended", within=WITHIN)
    assert patient.numbers == "0/5317"
    patient.press("Skip")
    patient.shows("Invite to room removed")
    patient.complains(UNINVITED)
    patient.closes_all_devices()


def test_a_room_that_is_deleted_under_the_call(call: Meeting) -> None:
    call.office.delete(call.room)

    for guest in call.both:
        guest.is_in("ended", within=WITHIN)
        assert guest.numbers == "0/5317"
        guest.complains(UNINVITED)


def test_a_token_that_is_none(meeting: Meeting) -> None:
    doctor = meeting.doctor

    doctor.follow(meeting.link(doctor, token="no.token.atall"))

    doctor.is_in("ended", within=WITHIN)
    doctor.shows("Your link is no longer valid")


def test_a_link_without_its_room(meeting: Meeting) -> None:
    doctor = meeting.doctor

    doctor.follow(f"{meeting.origin}/call#token=t")

    doctor.shows("This link is not complete")
