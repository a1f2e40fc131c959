"""Secrets are read beside a server, which may run, be starting, or never have been there."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from openrooms.storage.database import open_database
from openrooms.storage.errors import DataDirectoryUnusable, WrongMasterKey
from openrooms.storage.looking import read_secrets
from openrooms.storage.secrets import KEY_FILE, Secrets, open_vault

OTHER_KEY = "a" * 43 + "="


@dataclass(frozen=True, slots=True)
class Place:
    """Where a database is."""

    data: Path
    database: str | None
    master_key: str | None = None


@pytest.mark.anyio
async def test_they_are_read_while_the_server_runs_and_when_it_does_not(
    tmp_path: Path, database_url: str | None
) -> None:
    place = Place(tmp_path / "data", database_url)
    async with open_database(place.data, place.database) as database:
        secrets = Secrets(database, open_vault(place.data))
        await secrets.put("one", b"1")
        some = read_secrets(place, ("one", "two"))
        await secrets.put("two", b"2")
        running = read_secrets(place, ("two", "one"))

    assert some is None
    assert running == read_secrets(place, ("two", "one")) == [b"2", b"1"]


def test_nothing_is_made_where_no_server_ever_was(tmp_path: Path) -> None:
    assert read_secrets(Place(tmp_path / "data", None), ("one",)) is None
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_tables_has_none_yet(tmp_path: Path) -> None:
    (tmp_path / "openrooms.db").touch()

    assert read_secrets(Place(tmp_path, None), ("one",)) is None


@pytest.mark.anyio
async def test_the_master_key_is_needed(tmp_path: Path) -> None:
    async with open_database(tmp_path) as database:
        await Secrets(database, open_vault(tmp_path)).put("one", b"1")

    with pytest.raises(WrongMasterKey):
        read_secrets(Place(tmp_path, None, OTHER_KEY), ("one",))
    (tmp_path / KEY_FILE).unlink()
    with pytest.raises(DataDirectoryUnusable, match="OPENROOMS_MASTER_KEY"):
        read_secrets(Place(tmp_path, None), ("one",))
    assert not (tmp_path / KEY_FILE).exists()
