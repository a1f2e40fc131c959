"""What every server test may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from openrooms.storage.database import Database, open_database


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Async tests run on the loop that a server runs on: mark them with `pytest.mark.anyio`."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A real database in a folder of its own."""
    async with open_database(tmp_path / "data") as opened:
        yield opened
