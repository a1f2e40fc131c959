"""The log is copied beside the writer, and what is wrong with that harms nobody."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import structlog

from openrooms.storage.logcopy import GROUPS, LogCopier


@pytest.fixture
def written(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A file with something in its log."""
    with closing(sqlite3.connect(tmp_path / "file.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE one (a)")
        connection.execute("INSERT INTO one VALUES (1)")
        yield connection


def test_all_that_is_in_the_log_is_copied(written: sqlite3.Connection, tmp_path: Path) -> None:
    assert LogCopier(tmp_path / "file.db").copy(written) > 0
    # A copy of the file alone, without its log, has it all.
    (tmp_path / "copy.db").write_bytes((tmp_path / "file.db").read_bytes())
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT a FROM one").fetchall() == [(1,)]


def test_what_cannot_be_copied_is_told_and_left(tmp_path: Path) -> None:
    (tmp_path / "file.db").write_bytes(b"no database" * 500)
    with (
        closing(sqlite3.connect(tmp_path / "file.db")) as broken,
        structlog.testing.capture_logs() as logs,
    ):
        assert LogCopier(tmp_path / "file.db").copy(broken) == 0

    assert [entry["event"] for entry in logs] == ["log_not_copied"]


class Seen(LogCopier):
    """Says when it copied."""

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self.copied = threading.Semaphore(0)

    def copy(self, connection: sqlite3.Connection) -> int:
        pages = super().copy(connection)
        self.copied.release()
        return pages


def test_it_copies_after_so_many_groups_and_ends_when_told(
    written: sqlite3.Connection, tmp_path: Path
) -> None:
    copier = Seen(tmp_path / "file.db")
    thread = threading.Thread(target=copier.run)
    thread.start()
    for _ in range(GROUPS - 1):
        copier.note()
    assert not copier.copied.acquire(timeout=0.05)
    copier.note()

    assert copier.copied.acquire(timeout=5)
    copier.stop()
    thread.join(5)
    assert not thread.is_alive()
