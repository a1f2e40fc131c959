"""A call that is under way."""

import pytest
from support.browser import Town
from support.office import Office
from support.scenes import Consultation, consult
from support.server import Server


@pytest.fixture
def consultation(server: Server, office: Office, people: Town) -> Consultation:
    """Doctor and patient, who see and hear each other."""
    made = consult(server, office, people)
    made.meet()
    return made
