"""People at the page that hands the SDK to tests."""

from collections.abc import Iterator

import pytest
from calls.meeting import Three
from support.browser import Person, Town
from support.likeness import DOCTOR, PATIENT, STRANGER
from support.office import Office
from support.sdkpage import Client


@pytest.fixture(scope="module")
def two(neighbours: Town, sdk_page: str) -> tuple[Client, Client]:
    """Two people in front of their browsers."""
    ann, ben = neighbours.call(DOCTOR), neighbours.call(PATIENT)
    return _sit_down(ann, sdk_page), _sit_down(ben, sdk_page)


@pytest.fixture(scope="module")
def trio(neighbours: Town, sdk_page: str) -> Three:
    """Three people who stay in front of their browsers; one has several cameras."""
    ann = _sit_down(neighbours.call(DOCTOR), sdk_page)
    ben = _sit_down(neighbours.call(PATIENT, cameras=3), sdk_page)
    return ann, ben, _sit_down(neighbours.call(STRANGER), sdk_page)


@pytest.fixture
def three(office: Office, trio: Three) -> Iterator[Three]:
    """The same as Ann, Ben and Cy, each a new user who can be called, until the test ends."""
    for each, name in zip(trio, ("Ann", "Ben", "Cy"), strict=True):
        each.enter(office.user(), name)
    yield trio
    for each in trio:
        each.do("await app.leave()")


def _sit_down(person: Person, address: str) -> Client:
    client = Client(person, address)
    client.open()
    return client
