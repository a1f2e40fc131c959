"""What every test of surveys may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.calling.records.archive import Archive, open_archive


@pytest.fixture
async def archive(tmp_path: Path, database_url: str | None) -> AsyncIterator[Archive]:
    async with open_archive(tmp_path, database_url) as opened:
        yield opened
