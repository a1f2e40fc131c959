"""One couple of browsers for all that is tried with the call page."""

from collections.abc import Iterator

import pytest
from support.browser import Person
from support.composite import Meeting, convene
from support.office import Office
from support.server import Server


@pytest.fixture
def meeting(server: Server, office: Office, couple: tuple[Person, Person]) -> Iterator[Meeting]:
    """Doctor and patient, each before the view of an invitation's link; nothing may go wrong."""
    made = convene(server, office, couple)
    yield made
    for guest in made.both:
        guest.person.go_away()


@pytest.fixture
def call(meeting: Meeting) -> Meeting:
    """The same, with both in the call."""
    for guest in meeting.both:
        guest.enter()
    return meeting
