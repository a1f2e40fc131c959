"""A call that is under way."""

from collections.abc import Iterator

import pytest
from support.browser import Person, Town
from support.office import Office
from support.scenes import Consultation, call_in, consult
from support.server import Server


@pytest.fixture(scope="module")
def couple(neighbours: Town) -> tuple[Person, Person]:
    """A doctor and a patient who stay in front of their browsers for a module."""
    return call_in(neighbours)


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
