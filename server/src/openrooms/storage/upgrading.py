"""Brings a database up to date when a command asks for it: as a server does at its start."""

from dataclasses import dataclass
from pathlib import Path

from openrooms.storage.errors import DataDirectoryUnusable
from openrooms.storage.folder import hold_folder
from openrooms.storage.migrate import HEAD
from openrooms.storage.sqlite import DEFAULT_LIMITS, FILE_NAME, prepare_file


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What was done: to which database, from which revision, to which."""

    name: str
    found: str | None
    now: str


def bring_up(folder: Path, url: str | None) -> Upgrade:
    """Bring the database up to date: the file of the data directory, or the one of the URL."""
    if url is not None:
        # Loaded only where it is used: it costs memory.
        from openrooms.storage.postgres.connections import read_address  # noqa: PLC0415
        from openrooms.storage.postgres.preparing import prepare  # noqa: PLC0415

        address = read_address(url)
        return Upgrade(str(address), prepare(address), HEAD)
    file = folder / FILE_NAME
    if not file.is_file():
        raise DataDirectoryUnusable(
            f"Database {file}: not there. Name its data directory with --data."
        )
    with hold_folder(folder):
        return Upgrade(str(file), prepare_file(file, DEFAULT_LIMITS.patience), HEAD)
