"""What every test of the call side may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.databases import KINDS, store_of

from .house import House, open_house
from .phones import Phones
from .world import World, open_world


@pytest.fixture(scope="package")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """One loop for all, so that one house can stand for all; the loop that a server runs on."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
async def world(tmp_path: Path, database_url: str | None) -> AsyncIterator[World]:
    async with open_world(tmp_path, database_url) as opened:
        yield opened


@pytest.fixture
def phones(world: World) -> Phones:
    return Phones(world)


@pytest.fixture
async def small_world(tmp_path: Path, database_url: str | None) -> AsyncIterator[World]:
    """A world whose calls have two seats."""
    async with open_world(tmp_path, database_url, most_legs=2) as opened:
        yield opened


@pytest.fixture(scope="package", params=KINDS)
async def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """One house on each store for every test that wants one: each makes rooms and people."""
    with store_of(request) as url:
        async with open_house(tmp_path_factory.mktemp("house"), url) as opened:
            yield opened
