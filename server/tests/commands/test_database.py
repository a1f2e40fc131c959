"""The commands that look after a database, as an operator types them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.postgres import Postgres

from openrooms.cli import main
from openrooms.storage.database import open_database
from openrooms.storage.migrate import HEAD
from openrooms.storage.secrets import Secrets, open_vault


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    with postgres.empty() as made:
        yield made


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with one secret in its database."""

    async def fill() -> None:
        async with open_database(tmp_path / "data") as database:
            await Secrets(database, open_vault(tmp_path / "data")).put("one", b"secret")

    asyncio.run(fill())
    return tmp_path / "data"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["database", *map(str, arguments)])


def test_migrating_says_from_where_to_where(tmp_path: Path, url: str) -> None:
    first = run("migrate", "--data", tmp_path, "--database", url)
    second = run("migrate", "--data", tmp_path, "--database", url)

    name = url.rpartition("@")[2]
    assert (first.exit_code, first.stdout) == (
        0,
        f"Database {name}: revision none -> {HEAD}.\n",
    )
    assert second.stdout == f"Database {name}: revision {HEAD}, up to date already.\n"


def test_a_file_is_migrated_where_it_is(data: Path, tmp_path: Path) -> None:
    done = run("migrate", "--data", data)
    missing = run("migrate", "--data", tmp_path)

    assert done.stdout == f"Database {data}/openrooms.db: revision {HEAD}, up to date already.\n"
    assert (missing.exit_code, missing.stderr[:6]) == (1, "error:")


def test_a_look_at_a_good_database_ends_well(data: Path) -> None:
    done = run("check", "--data", data)

    assert done.exit_code == 0, done.output
    assert "ok    master key: opens all 1 secrets." in done.output


def test_a_look_at_a_bad_one_says_what_to_do(data: Path) -> None:
    (data / "master.key").unlink()

    done = run("check", "--data", data)

    assert done.exit_code == 1
    assert "fail  master key: no master.key" in done.output
    assert "Next: Give the key" in done.output


def test_a_copy_is_told_and_can_be_looked_at(data: Path, url: str) -> None:
    done = run("copy", "--data", data, "--database", url)

    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Copied 1 rows in ")
    assert "secret: 1 of 1 rows" in done.stderr
    assert "opens all 1 secrets" in run("check", "--data", data, "--database", url).output


def test_a_copy_to_nowhere_is_a_misuse(data: Path) -> None:
    done = run("copy", "--data", data)

    assert done.exit_code == 2
    assert "OPENROOMS_DATABASE" in done.stderr


def test_a_copy_that_cannot_be_is_one_line(data: Path, postgres: Postgres) -> None:
    done = run("copy", "--data", data, "--database", postgres.url("nowhere"))

    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert 'database "nowhere" does not exist' in done.stderr


def test_a_password_in_a_flag_is_a_misuse_and_not_repeated(data: Path) -> None:
    done = run("check", "--data", data, "--database", "postgresql://user:secret@host/name")

    assert done.exit_code == 2
    assert "PGPASSFILE" in done.stderr
    assert "secret" not in done.stderr
