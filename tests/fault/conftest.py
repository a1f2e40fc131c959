"""How much of each fault: a little in every run, all of it by `make fault`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.databases import KINDS
from support.postgres import Postgres, running_postgres
from support.server import Server


@dataclass(frozen=True, slots=True)
class Dose:
    """How much of each fault."""

    kills: int
    lock_seconds: float
    seed: int


@pytest.fixture(scope="session")
def dose(pytestconfig: pytest.Config) -> Dose:
    option = pytestconfig.getoption
    return Dose(option("--kills"), option("--lock-seconds"), option("--seed"))


@pytest.fixture(scope="module")
def durable_postgres() -> Iterator[Postgres]:
    """A PostgreSQL that keeps what it promises: with fsync, on a disk."""
    with running_postgres(durable=True) as server:
        yield server


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
