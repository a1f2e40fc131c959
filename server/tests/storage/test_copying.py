"""A copy into PostgreSQL is whole and verified, or there is none."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, select
from support.postgres import Postgres

from openrooms.storage.copying import BATCH, Tally, copy
from openrooms.storage.database import open_database
from openrooms.storage.errors import CopyFailed, DatabaseUnusable, DataDirectoryInUse
from openrooms.storage.instants import EPOCH
from openrooms.storage.migrate import HEAD
from openrooms.storage.schema import identity, metadata, resource, room, secret
from openrooms.storage.sqlite import FILE_NAME, open_engine

pytestmark = pytest.mark.anyio

ROOMS = BATCH + 3
SECRETS = ("ä\u2028\t\\ \N{GRINNING FACE}'\";--", "", "\\N", "line\nline\r")


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    with postgres.empty() as made:
        yield made


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """A data directory with more than one batch of rows, and whatever texts can hold."""
    async with open_database(tmp_path / "data") as database:
        await database.write(_fill)
    return tmp_path / "data"


def _fill(connection: Connection) -> None:
    key = {"id": "r", "name": "r", "primary_key": b"\0\\\xff", "secondary_key": b"", "at": 0}
    sql = "INSERT INTO resource (id, name, primary_key, secondary_key, created_at) VALUES "
    connection.exec_driver_sql(f"{sql} (:id, :name, :primary_key, :secondary_key, :at)", key)
    rows = [
        {
            "id": 99_000_000_000_000_000 + number,
            "of": "r",
            "at": -number,
            "flag": number % 2,
            "gone": None if number % 3 else number,
        }
        for number in range(ROOMS)
    ]
    connection.exec_driver_sql(
        "INSERT INTO room (id, resource_id, created_at, valid_from, valid_until, "
        "pstn_dial_out_enabled, deleted_at) VALUES (:id, :of, :at, :at, :at, :flag, :gone)",
        rows,
    )
    for text in SECRETS:
        connection.execute(secret.insert().values(name=text, value=text.encode()))


def rows(connection: Connection, table: Table) -> list[tuple[object, ...]]:
    return sorted(tuple(row) for row in connection.execute(select(table)))


def quiet(table: str, done: int, total: int) -> None:
    """Nobody wants to know."""


async def test_every_row_arrives_as_it_was(folder: Path, url: str, tmp_path: Path) -> None:
    copied = copy(folder, url, quiet)

    assert copied == {
        **dict.fromkeys(metadata.tables, 0),
        "resource": 1,
        "room": ROOMS,
        "secret": 4,
    }
    async with open_database(folder) as source, open_database(tmp_path / "other", url) as target:
        for table in (room, secret, resource):
            look = partial(rows, table=table)
            assert await source.read(look) == await target.read(look)


async def test_the_next_row_is_numbered_behind_those_that_were_copied(
    folder: Path, url: str, tmp_path: Path
) -> None:
    copy(folder, url, quiet)

    moments = dict.fromkeys(("created_at", "valid_from", "valid_until"), EPOCH)
    new = room.insert().values(id=1, resource_id="r", pstn_dial_out_enabled=False, **moments)
    async with open_database(tmp_path / "other", url) as target:
        found = await target.write(lambda c: c.scalar(new.returning(room.c.number)))

    assert found == ROOMS + 1


async def test_it_is_told_how_far_it_is(folder: Path, url: str) -> None:
    told: list[tuple[str, int, int]] = []

    copy(folder, url, lambda *given: told.append(given))

    assert [one for one in told if one[0] == "room"] == [
        ("room", 0, ROOMS),
        ("room", BATCH, ROOMS),
        ("room", ROOMS, ROOMS),
    ]


async def test_a_target_with_rows_is_left_alone(folder: Path, url: str, tmp_path: Path) -> None:
    async with open_database(tmp_path / "other", url) as target:
        await target.write(lambda c: c.execute(secret.insert().values(name="x", value=b"")))

        with pytest.raises(CopyFailed, match="not empty, table secret has rows"):
            copy(folder, url, quiet)

        assert await target.read(lambda c: len(rows(c, room))) == 0


async def test_a_text_that_postgresql_cannot_hold_undoes_all(
    folder: Path, url: str, tmp_path: Path
) -> None:
    async with open_database(folder) as source:
        await source.write(lambda c: c.execute(secret.insert().values(name="a\0b", value=b"")))

    with pytest.raises(CopyFailed, match=r"NUL.*Nothing was copied"):
        copy(folder, url, quiet)

    async with open_database(tmp_path / "other", url) as target:
        assert await target.read(lambda c: len(rows(c, room))) == 0


async def test_a_directory_that_a_server_works_on_is_refused(folder: Path, url: str) -> None:
    async with open_database(folder):
        with pytest.raises(DataDirectoryInUse):
            copy(folder, url, quiet)


def test_a_directory_without_a_database_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(CopyFailed, match=r"openrooms\.db: not there.*--data"):
        copy(tmp_path, url, quiet)

    assert list(tmp_path.iterdir()) == []


async def test_an_older_file_is_to_be_brought_up_to_date_first(folder: Path, url: str) -> None:
    with open_engine(folder / FILE_NAME, "BEGIN", 1).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")

    with pytest.raises(CopyFailed, match=rf"0001, not {HEAD}.*database migrate"):
        copy(folder, url, quiet)


async def test_a_target_that_cannot_be_reached_is_named(folder: Path, postgres: Postgres) -> None:
    with pytest.raises(DatabaseUnusable, match="nowhere"):
        copy(folder, postgres.url("nowhere"), quiet)


def test_a_tally_knows_each_row_and_not_their_order() -> None:
    one, other, third = Tally(), Tally(), Tally()
    for row in ((1, "a"), (2, "b")):
        one.add(row)
    for row in ((2, "b"), (1, "a")):
        other.add(row)
    for row in ((1, "b"), (2, "a")):
        third.add(row)

    assert one == other
    assert one != third
    assert identity.name in metadata.tables
