"""Looks whether a database is whole, durable and ours. Changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from openrooms.storage.errors import StorageError
from openrooms.storage.looking import open_to_look
from openrooms.storage.migrate import HEAD, find_revision
from openrooms.storage.schema import metadata
from openrooms.storage.secrets import KEY_FILE, Vault, open_vault

MOST_TOLD = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that was looked at; `advice` says what to do when it is not well."""

    thing: str
    said: str
    advice: str = ""

    @property
    def is_well(self) -> bool:
        return not self.advice


def inspect_database(folder: Path, url: str | None, master_key: str | None) -> Iterator[Seen]:
    """Look at the database of a data directory, or at the one of the URL."""
    try:
        engine, name = open_to_look(folder, url)
        with engine.connect() as connection:
            yield Seen("reached", name)
            yield _revision(connection)
            if url is None:
                yield from _sqlite(connection)
            else:
                yield from _postgres(connection)
            if find_revision(connection) == HEAD:
                yield _secrets(connection, folder, master_key)
    except StorageError as error:
        said, _, advice = str(error).partition(". ")
        yield Seen("reached", said, advice)
    except DBAPIError as error:
        yield Seen("read", str(error.orig).strip(), "Restore the database from a backup.")


def _revision(connection: Connection) -> Seen:
    found = find_revision(connection)
    if found == HEAD:
        return Seen("schema", f"revision {found}")
    if found is None or found < HEAD:
        said = f"revision {found or 'none'}, older than {HEAD} of this program"
        return Seen("schema", said, "Bring it up to date: openrooms database migrate.")
    said = f"revision {found}, newer than {HEAD} of this program"
    return Seen("schema", said, "Use the newer program.")


def _sqlite(connection: Connection) -> Iterator[Seen]:
    broken = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    if broken == ["ok"]:
        yield Seen("integrity", "every page and every index is whole")
    else:
        said = "; ".join(broken[:MOST_TOLD])
        yield Seen("integrity", said, "Restore the database from a backup.")
    strays = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if strays:
        said = f"{len(strays)} rows refer to rows that are not there, first in {strays[0][0]}"
        yield Seen("references", said, "Restore the database from a backup.")
    else:
        yield Seen("references", "every row has what it refers to")


def _postgres(connection: Connection) -> Iterator[Seen]:
    for name in ("fsync", "full_page_writes"):
        value = connection.exec_driver_sql(f"SHOW {name}").scalar()
        advice = "" if value == "on" else f"Set {name} = on: what was acknowledged may be lost."
        yield Seen("durability", f"{name} is {value}", advice)
    commits = connection.exec_driver_sql("SHOW synchronous_commit").scalar()
    yield Seen("durability", f"synchronous_commit is {commits} for our sessions")
    invalid = list(
        connection.exec_driver_sql(
            "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON oid = indrelid "
            "WHERE NOT indisvalid AND relnamespace = current_schema()::regnamespace"
        ).scalars()
    )
    if invalid:
        said = f"index {invalid[0]} is not valid"
        yield Seen("integrity", said, f"Make it anew: REINDEX INDEX {invalid[0]}.")
    else:
        yield Seen("integrity", "every index is valid")


def _secrets(connection: Connection, folder: Path, master_key: str | None) -> Seen:
    if master_key is None and not (folder / KEY_FILE).is_file():
        said = f"no {KEY_FILE} in {folder}, and no OPENROOMS_MASTER_KEY"
        return Seen("master key", said, "Give the key with which the database was first served.")
    try:
        opened = _open_all(connection, open_vault(folder, master_key))
    except StorageError as error:
        said, _, advice = str(error).partition(". ")
        return Seen("master key", said, advice)
    return Seen("master key", f"opens all {opened} secrets")


def _open_all(connection: Connection, vault: Vault) -> int:
    """Decrypt whatever is encrypted; how much that is."""
    opened = 0
    for table in metadata.sorted_tables:
        for column in (one for one in table.columns if one.info.get("sealed")):
            for sealed in connection.execute(select(column).where(column.is_not(None))).scalars():
                vault.decrypt(sealed)
                opened += 1
    return opened
