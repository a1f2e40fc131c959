"""A look at a database says what is well and what is not."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.postgres import Postgres

from openrooms.storage.database import open_database
from openrooms.storage.inspection import Seen, inspect_database
from openrooms.storage.migrate import HEAD
from openrooms.storage.secrets import KEY_FILE, Secrets, open_vault
from openrooms.storage.sqlite import FILE_NAME

pytestmark = pytest.mark.anyio


@pytest.fixture
async def folder(tmp_path: Path, database_url: str | None) -> Path:
    """A data directory with one secret in its database."""
    folder = tmp_path / "data"
    async with open_database(folder, database_url) as database:
        await Secrets(database, open_vault(folder)).put("one", b"secret")
    return folder


def wrong(folder: Path, url: str | None, key: str | None = None) -> list[Seen]:
    return [one for one in inspect_database(folder, url, key) if not one.is_well]


async def test_a_good_database_is_well(folder: Path, database_url: str | None) -> None:
    seen = list(inspect_database(folder, database_url, None))

    # The tests' own server keeps nothing on a disk, and that is told.
    assert {one.thing for one in seen if not one.is_well} <= {"durability"}
    assert Seen("schema", f"revision {HEAD}") in seen
    assert Seen("master key", "opens all 1 secrets") in seen


async def test_an_older_schema_is_told(folder: Path, database_url: str | None) -> None:
    async with open_database(folder, database_url) as database:
        await database.write(
            lambda c: c.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        )

    [schema] = [one for one in wrong(folder, database_url) if one.thing == "schema"]
    assert "older" in schema.said
    assert "openrooms database migrate" in schema.advice


async def test_a_newer_schema_is_told(folder: Path, database_url: str | None) -> None:
    async with open_database(folder, database_url) as database:
        await database.write(
            lambda c: c.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        )

    assert any("newer" in one.said for one in wrong(folder, database_url))


async def test_another_master_key_is_told(folder: Path, database_url: str | None) -> None:
    (folder / KEY_FILE).unlink()
    open_vault(folder)

    assert [one.thing for one in wrong(folder, database_url) if one.thing != "durability"] == [
        "master key"
    ]


async def test_a_missing_master_key_is_told_and_none_is_made(
    folder: Path, database_url: str | None
) -> None:
    (folder / KEY_FILE).unlink()

    assert any(KEY_FILE in one.said for one in wrong(folder, database_url))
    assert not (folder / KEY_FILE).exists()


async def test_postgresql_without_a_disk_is_told(postgres: Postgres, tmp_path: Path) -> None:
    with postgres.fresh() as url:
        assert Seen("durability", "synchronous_commit is on for our sessions") in list(
            inspect_database(tmp_path, url, None)
        )
        assert "fsync is off" in [one.said for one in wrong(tmp_path, url)]


async def test_a_postgresql_that_is_not_there_is_told(postgres: Postgres, tmp_path: Path) -> None:
    [seen] = wrong(tmp_path, postgres.url("nowhere"))

    assert "does not exist" in seen.said


def test_a_file_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    [seen] = wrong(tmp_path, None)

    assert "not there" in seen.said
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"something else entirely" * 100)

    [*_, seen] = wrong(tmp_path, None)

    assert "not a database" in seen.said


async def test_a_row_that_refers_to_nothing_is_told(tmp_path: Path) -> None:
    async with open_database(tmp_path):
        pass
    # Another program, which does not ask for references to be kept.
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as other, other:
        other.execute("INSERT INTO invitation VALUES (1, 'raw', 'Attendee', 0, NULL)")

    assert any("1 rows refer" in one.said for one in wrong(tmp_path, None))
