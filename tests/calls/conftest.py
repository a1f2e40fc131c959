"""People at the page that hands the SDK to tests."""

import pytest
from support.browser import Town
from support.likeness import DOCTOR, PATIENT
from support.sdkpage import Client


@pytest.fixture(scope="module")
def two(neighbours: Town, sdk_page: str) -> tuple[Client, Client]:
    """Two people in front of their browsers."""
    pair = Client(neighbours.call(DOCTOR), sdk_page), Client(neighbours.call(PATIENT), sdk_page)
    for each in pair:
        each.open()
    return pair
