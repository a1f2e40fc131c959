"""A call that is under way."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright
from support.browser import Person, Town
from support.office import Office
from support.scenes import Consultation, call_in, consult
from support.server import Server


@pytest.fixture(scope="session")
def town(playwright: Playwright, likenesses: Path) -> Iterator[Town]:
    """Where those come from who stay for the whole run."""
    made = Town(playwright, likenesses)
    yield made
    made.empty()


@pytest.fixture(scope="session")
def couple(town: Town) -> tuple[Person, Person]:
    """A doctor and a patient who stay in front of their browsers. Between calls they are nowhere."""
    return call_in(town)


@pytest.fixture
def consultation(
    server: Server, office: Office, couple: tuple[Person, Person]
) -> Iterator[Consultation]:
    """Doctor and patient in a call of their own, who see and hear each other."""
    made = consult(server, office, couple)
    made.meet()
    yield made
    for person in couple:
        person.go_away()
