"""What every test of rooms may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.identity.house import House, open_house
from tests.rooms.office import Office


@pytest.fixture
async def house(tmp_path: Path, database_url: str | None) -> AsyncIterator[House]:
    async with open_house(tmp_path, database_url) as opened:
        yield opened


@pytest.fixture
def office(house: House) -> Office:
    """An app's server that speaks the newest version."""
    return Office(house.backend("2025-03-13"))
