"""One couple of browsers for all that is tried with the call page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright
from support.browser import Person, Town
from support.composite import Meeting, convene
from support.office import Office
from support.scenes import call_in
from support.server import Server


@pytest.fixture(scope="session")
def town(playwright: Playwright, likenesses: Path) -> Iterator[Town]:
    """Where those come from who stay for the whole run."""
    made = Town(playwright, likenesses)
    yield made
    made.empty()


@pytest.fixture(scope="session")
def couple(town: Town) -> tuple[Person, Person]:
    """A doctor and a patient who stay in front of their browsers."""
    return call_in(town)


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
