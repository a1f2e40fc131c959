"""What every server test may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.databases import database_url, postgres

from openrooms.storage.database import Database, open_database

__all__ = ["anyio_backend", "database", "database_url", "postgres"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much of what takes as long as it is told; a little, unless told otherwise."""
    parser.addoption("--machine-runs", type=int, default=8, help="Runs of each state machine.")
    parser.addoption("--race-rounds", type=int, default=5, help="How often each race is run.")


@pytest.fixture(scope="session")
def machine_runs(request: pytest.FixtureRequest) -> int:
    runs: int = request.config.getoption("--machine-runs")
    return runs


@pytest.fixture(scope="session")
def race_rounds(request: pytest.FixtureRequest) -> int:
    rounds: int = request.config.getoption("--race-rounds")
    return rounds


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Async tests run on the loop that a server runs on: mark them with `pytest.mark.anyio`."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
async def database(tmp_path: Path, database_url: str | None) -> AsyncIterator[Database]:
    """A real database of a test's own, on each of the two stores."""
    async with open_database(tmp_path / "data", database_url) as opened:
        yield opened
