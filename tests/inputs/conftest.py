"""Two houses, one on each database, for all bad inputs of a run."""

from collections.abc import Iterator

import pytest
from support.databases import postgres  # noqa: F401 (a fixture)
from support.inputs.house import House, open_house, process_beside
from support.postgres import Postgres


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A furnished server that keeps its data in a file."""
    with open_house(tmp_path_factory.mktemp("sqlite")) as made:
        yield made


@pytest.fixture(scope="session")
def postgres_house(
    tmp_path_factory: pytest.TempPathFactory,
    postgres: Postgres,  # noqa: F811 (pytest hands it over by that name)
) -> Iterator[House]:
    """A furnished server that keeps its data in PostgreSQL, with another one beside it."""
    folder = tmp_path_factory.mktemp("postgresql")
    with (
        postgres.fresh() as url,
        open_house(folder, database=url) as made,
        process_beside(made, folder / "beside", url),
    ):
        yield made


@pytest.fixture(scope="session")
def houses(house: House, postgres_house: House) -> tuple[House, House]:
    return house, postgres_house


@pytest.fixture(scope="module", params=["house", "postgres_house"], ids=["sqlite", "postgresql"])
def any_house(request: pytest.FixtureRequest) -> House:
    """One after the other, for tests of several requests."""
    made: House = request.getfixturevalue(request.param)
    return made
