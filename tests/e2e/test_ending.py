"""A call that is about to end with its room: both pages say so, aloud too, for as long as it holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator
from support.browser import Town
from support.callpage import Caller, invitation
from support.composite import Guest
from support.deadlines import stays, wait_for
from support.likeness import DOCTOR, PATIENT
from support.office import ATTENDEE, PRESENTER, Office
from support.report import figure
from support.scenes import DOCTORS_NAME, MET_WITHIN, PATIENTS_NAME
from support.server import Server

HOUR, MINUTE = 3600.0, 60.0
TOLD_WITHIN = 3.0
# Longer than any small news is shown.
STAYS = 7.0


@pytest.fixture
def timed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server where a call ends with its room's window."""
    ending = {"OPENROOMS_CALL_AT_EXPIRY": "end"}
    made = Server(tmp_path_factory.mktemp("timed"), environment=ending)
    made.start()
    yield made
    made.close()


@dataclass(frozen=True, slots=True)
class Consulting:
    """A doctor on the call page and a patient on the sample page, in a room that ends in an hour."""

    room: str
    office: Office
    doctor: Guest
    patient: Caller

    @property
    def warnings(self) -> tuple[Locator, Locator]:
        """Where a screen reader finds the warning on either page."""
        doctor, patient = self.doctor.page, self.patient.person.page
        return (
            doctor.get_by_role("status").filter(has_text="The call ends for everybody at"),
            patient.get_by_role("alert").filter(has_text="This call ends at"),
        )

    def are_warned(self) -> bool:
        return all(each.is_visible() for each in self.warnings)


@pytest.fixture
def call(timed: Server, people: Town) -> Iterator[Consulting]:
    office = Office(timed)
    users = office.user(), office.user()
    roster = dict(zip(users, (PRESENTER, ATTENDEE), strict=True))
    room = office.room(roster, valid_until=datetime.now(UTC) + timedelta(hours=1))
    doctor = Guest(people.call(DOCTOR))
    inside = invitation(room=room, token=users[0].token, name=DOCTORS_NAME)
    doctor.follow(f"{timed.ready.browser_url}call#{inside}")
    doctor.enter(within=MET_WITHIN)
    patient = Caller(people.call(PATIENT), timed, user=users[1], name=PATIENTS_NAME)
    patient.join(room)
    yield Consulting(room, office, doctor, patient)
    office.close()


def test_both_are_warned_for_as_long_as_it_holds_and_then_told_of_the_end(
    timed: Server, call: Consulting
) -> None:
    assert not call.are_warned()

    timed.move_clock(HOUR - 4 * MINUTE)
    _, warned = wait_for("both are warned", call.are_warned, within=10)
    stays("both are warned", call.are_warned, for_seconds=STAYS)
    call.patient.person.page.reload()
    wait_for("he is warned again", call.are_warned, within=MET_WITHIN)
    timed.move_clock(HOUR + 1)
    told = call.patient.is_told(within=10)
    call.doctor.is_in("ended", within=10)

    figure("the call is about to end: both are warned", warned, at_most=TOLD_WITHIN, unit="s")
    assert (told.numbers, call.doctor.numbers) == ("0/7000", "0/7000")
    assert not any(each.is_visible() for each in call.warnings)


def test_the_warning_goes_when_the_window_is_made_longer(timed: Server, call: Consulting) -> None:
    timed.move_clock(HOUR - 4 * MINUTE)
    wait_for("both are warned", call.are_warned, within=10)

    later = datetime.now(UTC) + timedelta(hours=3)
    call.office.rooms.update_room(room_id=call.room, valid_until=later)

    def is_taken_back() -> bool:
        return not any(each.is_visible() for each in call.warnings)

    wait_for("the warnings are gone", is_taken_back, within=10)
    alert = call.patient.person.page.get_by_role("alert")
    assert alert.filter(has_text="does not end with its room after all").is_visible()
