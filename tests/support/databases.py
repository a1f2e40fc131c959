"""Which database a test runs on: both, one after the other. For every conftest to take over."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from support.postgres import Postgres, running_postgres

KINDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL for all tests of a run. It fails, and skips nothing, when it cannot start."""
    with running_postgres() as server:
        yield server


@contextmanager
def store_of(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """A fresh database on the store that is the parameter of a fixture's request."""
    if request.param == "sqlite":
        yield None
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.fresh() as url:
        yield url


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """A fresh database on each of the two stores: None is the file in the data directory."""
    with store_of(request) as url:
        yield url
