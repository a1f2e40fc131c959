"""How much of each fault: a little in every run, all of it by `make fault`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.databases import KINDS
from support.postgres import Postgres, running_postgres
from support.server import Server
from support.unit import EngineUnit


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "lasts(seconds): has to wait so long for what it shows.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what lasts longer than this run is given."""
    longest = config.getoption("--longest-wait")
    lasting = {item: mark.args[0] for item in items if (mark := item.get_closest_marker("lasts"))}
    left_out = [item for item, seconds in lasting.items() if seconds > longest]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@dataclass(frozen=True, slots=True)
class Dose:
    """How much of each fault."""

    kills: int
    lock_seconds: float
    seed: int
    longest_wait: float
    sleep_seconds: float


@pytest.fixture(scope="session")
def dose(pytestconfig: pytest.Config) -> Dose:
    option = pytestconfig.getoption
    return Dose(
        kills=option("--kills"),
        lock_seconds=option("--lock-seconds"),
        seed=option("--seed"),
        longest_wait=option("--longest-wait"),
        sleep_seconds=option("--sleep-seconds"),
    )


@pytest.fixture(scope="module")
def durable_postgres() -> Iterator[Postgres]:
    """A PostgreSQL that keeps what it promises: with fsync, on a disk."""
    with running_postgres(durable=True) as server:
        yield server


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[EngineUnit]:
    """A server and an engine that runs apart from it, both ready."""
    made = EngineUnit(tmp_path / "server")
    made.open()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(params=KINDS)
def spare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server that is not yet started, on each of the databases."""
    if request.param == "sqlite":
        made = Server(tmp_path / "server")
        yield made
        made.close()
        return
    postgres: Postgres = request.getfixturevalue("durable_postgres")
    with postgres.fresh() as url:
        made = Server(tmp_path / "server", "--database", url)
        yield made
        made.close()


@pytest.fixture
def on_postgres(durable_postgres: Postgres, tmp_path: Path) -> Iterator[tuple[Server, str]]:
    """A started server on PostgreSQL, and the URL of its database."""
    with durable_postgres.fresh() as url:
        server = Server(tmp_path / "server", "--database", url)
        server.start()
        yield server, url
        server.close()
