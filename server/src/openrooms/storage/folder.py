"""The data directory: made private, and held by one server at a time."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openrooms.storage.errors import DataDirectoryInUse, DataDirectoryUnusable

LOCK_FILE = "openrooms.lock"


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Make the data directory if need be and keep every other server off it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unusable(folder, error) from error
    try:
        _lock(folder, lock)
        yield
    finally:
        # The file stays: removing it would let two servers hold two files of one name.
        os.close(lock)


def check_folder(folder: Path) -> None:
    """Raise what `hold_folder` would raise, and leave nothing behind."""
    try:
        if folder.is_dir():
            with hold_folder(folder):
                _try_to_write(folder)
        else:
            _try_to_write(next(place for place in (folder, *folder.parents) if place.exists()))
    except OSError as error:
        raise _unusable(folder, error) from error


def _lock(folder: Path, lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(lock, 32).decode("ascii", "replace").strip() or "unknown"
        raise DataDirectoryInUse(
            f"Data directory {folder}: in use by another server (process {holder}). "
            "Stop that server, or choose another directory with --data."
        ) from error
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)


def _try_to_write(folder: Path) -> None:
    # A file without a name: permissions, read-only and full disks show, and nothing stays.
    with tempfile.TemporaryFile(dir=folder):
        pass


def _unusable(folder: Path, error: OSError) -> DataDirectoryUnusable:
    return DataDirectoryUnusable(
        f"Data directory {folder}: {error.strerror or error}. "
        "Make it writable, or choose another directory with --data."
    )
