"""One couple of browsers for all that is tried with the call page."""

from collections.abc import Iterator

import pytest
from support.browser import Person
from support.composite import ADAPTER, Meeting, convene
from support.office import Office
from support.server import Server


@pytest.fixture(scope="session")
def heard(couple: tuple[Person, Person]) -> tuple[Person, Person]:
    """The couple, whose browsers say on the console what the composite reports of errors."""
    for person in couple:
        person.page.add_init_script(path=ADAPTER)
    return couple


@pytest.fixture
def meeting(server: Server, office: Office, heard: tuple[Person, Person]) -> Iterator[Meeting]:
    """Doctor and patient, each before the view of an invitation's link; nothing may go wrong."""
    made = convene(server, office, heard)
    try:
        yield made
        made.went_well()
    finally:
        for guest in made.both:
            guest.person.go_away()


@pytest.fixture
def call(meeting: Meeting) -> Meeting:
    """The same, with both in the call."""
    for guest in meeting.both:
        guest.enter()
    return meeting
