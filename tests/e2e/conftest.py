"""A call that is under way."""

from collections.abc import Iterator

import pytest
from support.browser import Person
from support.office import Office
from support.scenes import Consultation, consult
from support.server import Server


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
