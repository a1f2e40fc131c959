"""Copying SQLite's log into its file, beside the writer: whoever does it holds up all that wait for him.

The writer still does it when the log has grown long. What it then finds to do is little, and after
it the log begins anew.
"""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

# So many groups are some hundred pages.
GROUPS = 24


class LogCopier:
    """Copies the log each time that so many groups have been committed. `run` is its thread."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._groups = 0
        self._due = threading.Event()
        self._ends = False

    def note(self) -> None:
        """The writer has committed a group."""
        self._groups += 1
        if self._groups >= GROUPS:
            self._groups = 0
            self._due.set()

    def run(self) -> None:
        """Copy whenever it is due, until `stop`."""
        with closing(sqlite3.connect(self._file, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            while True:
                self._due.wait()
                if self._ends:
                    return
                self._due.clear()
                self.copy(connection)

    def copy(self, connection: sqlite3.Connection) -> int:
        """Copy what can be copied without waiting for anybody; how many pages are in the file now."""
        try:
            _, _, copied = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as error:
            # A full disk, mostly. Nothing is lost: the log holds all, and the writer says so.
            log.warning("log_not_copied", why=type(error).__name__)
            return 0
        return int(copied)

    def stop(self) -> None:
        self._ends = True
        self._due.set()
