"""Looks into the database of a server beside it, that may run or not. Changes and holds nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError

from openrooms.storage.errors import DataDirectoryUnusable
from openrooms.storage.schema import secret
from openrooms.storage.secrets import KEY_FILE, open_vault
from openrooms.storage.sqlite import FILE_NAME, open_engine

PATIENCE = 5.0


class Where(Protocol):
    """The settings that say where a database is."""

    @property
    def data(self) -> Path: ...
    @property
    def database(self) -> str | None: ...
    @property
    def master_key(self) -> str | None: ...


def open_to_look(folder: Path, url: str | None) -> tuple[Engine, str]:
    """An engine to look with, and what the database is called. Raises a `StorageError`."""
    if url is not None:
        # Loaded only where it is used.
        from openrooms.storage.postgres.preparing import open_reading  # noqa: PLC0415

        return open_reading(url)
    file = folder / FILE_NAME
    if not file.is_file():
        raise DataDirectoryUnusable(
            f"Database {file}: not there. Name its data directory with --data."
        )
    return open_engine(file, "BEGIN", PATIENCE), str(file)


def read_secrets(where: Where, names: Sequence[str]) -> list[bytes] | None:
    """The secrets of these names; None while the server has not made them yet.

    Raises a `StorageError` when they cannot be read.
    """
    if where.database is None and not (where.data / FILE_NAME).is_file():
        return None
    engine, _ = open_to_look(where.data, where.database)
    with engine.connect() as connection:
        try:
            listed = connection.execute(select(secret).where(secret.c.name.in_(names)))
            sealed = {row.name: row.value for row in listed}
        except DBAPIError:
            # The server is just making the tables.
            return None
    if sealed.keys() != set(names):
        return None
    if where.master_key is None and not (where.data / KEY_FILE).is_file():
        raise DataDirectoryUnusable(
            f"Master key {where.data / KEY_FILE}: not there. Give the one of the server, in "
            "OPENROOMS_MASTER_KEY or as this file."
        )
    vault = open_vault(where.data, where.master_key)
    return [vault.decrypt(sealed[name]) for name in names]
