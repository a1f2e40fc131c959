"""The composite on a phone: its own form, by the width of the screen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import ViewportSize
from support.browser import Person
from support.composite import Meeting
from support.likeness import DOCTOR, PATIENT

PHONE = ViewportSize(width=390, height=844)
DESKTOP = ViewportSize(width=1000, height=700)
WITHIN = 10.0


@pytest.fixture(autouse=True)
def _phone(couple: tuple[Person, Person]) -> Iterator[None]:
    """The patient has a phone."""
    couple[1].page.set_viewport_size(PHONE)
    yield
    couple[1].page.set_viewport_size(DESKTOP)


def _fits(meeting: Meeting) -> bool:
    wide: int = meeting.patient.person.evaluate("document.documentElement.scrollWidth")
    return wide <= PHONE["width"]


def test_the_view_before_the_call_fits_the_screen(meeting: Meeting) -> None:
    patient = meeting.patient

    patient.prepare("camera")

    patient.comes("the preview", patient.page.locator("video").is_visible)
    assert _fits(meeting)


def test_a_call_on_a_phone_has_no_sharing_and_fits_the_screen(call: Meeting) -> None:
    doctor, patient = call.both
    call.make(patient, "Presenter")

    doctor.sees(PATIENT, within=WITHIN)
    patient.sees(DOCTOR, within=WITHIN)

    assert patient.part("call-composite-screenshare-button").is_hidden()
    assert _fits(call)


def test_people_open_in_a_pane_of_their_own(call: Meeting) -> None:
    patient = call.patient

    patient.press("common-call-composite-more-button")
    patient.page.get_by_role("menuitem", name="People").click()

    patient.shows("Dr. Ada Ruiz")
    assert _fits(call)


def test_a_screen_that_is_shared_is_seen_on_the_phone(call: Meeting) -> None:
    doctor, patient = call.both
    patient.sees(DOCTOR)

    doctor.press("call-composite-screenshare-button")

    patient.sees_screen()


def test_hanging_up_leads_to_the_survey(call: Meeting) -> None:
    patient = call.patient

    # On a phone the composite does not ask whether it is meant.
    patient.press("call-composite-hangup-button")

    patient.is_in("ended", within=WITHIN)
    patient.closes_all_devices()
    assert patient.complaints() == []
