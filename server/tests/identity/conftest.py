"""What every test of identity may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.identity.house import Backend, House, open_house


@pytest.fixture
async def house(tmp_path: Path, database_url: str | None) -> AsyncIterator[House]:
    async with open_house(tmp_path, database_url) as opened:
        yield opened


@pytest.fixture
def backend(house: House) -> Backend:
    """An app's server that speaks the newest version."""
    return house.backend("2023-10-01")
