"""What every server test may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.databases import database_url, postgres

from openrooms.storage.database import Database, open_database

__all__ = ["anyio_backend", "database", "database_url", "postgres"]


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Async tests run on the loop that a server runs on: mark them with `pytest.mark.anyio`."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
async def database(tmp_path: Path, database_url: str | None) -> AsyncIterator[Database]:
    """A real database of a test's own, on each of the two stores."""
    async with open_database(tmp_path / "data", database_url) as opened:
        yield opened
