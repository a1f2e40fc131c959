"""Group commit: many small transactions, one sync of the disk, each undone alone if it fails."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from openrooms.storage.errors import DatabaseAway, DatabaseBusy, DatabaseFull
from openrooms.storage.jobs import Job
from openrooms.storage.statements import with_driver

_TROUBLES = {
    sqlite3.SQLITE_FULL: DatabaseFull,
    sqlite3.SQLITE_BUSY: DatabaseBusy,
    sqlite3.SQLITE_LOCKED: DatabaseBusy,
    sqlite3.SQLITE_IOERR: DatabaseAway,
    sqlite3.SQLITE_READONLY: DatabaseAway,
    sqlite3.SQLITE_CANTOPEN: DatabaseAway,
    sqlite3.SQLITE_CORRUPT: DatabaseAway,
}


class _TransactionLost(Exception):
    """SQLite has undone the whole transaction by itself, as it does when the disk is full."""


class _HalfDone(Exception):
    """A job has failed after it had written, with nothing to tell its changes from the others'."""


# How a job is run in the transaction of its group.
_Run: TypeAlias = Callable[[Job[Any]], None]


class Session:
    """A connection whose transactions are begun and ended with the driver itself.

    SQLAlchemy takes longer to do that than a change takes, and knows nothing of them: what it
    believes to be a transaction of its own is let go at the end. One thread at a time may use it.
    """

    def __init__(self, connection: Connection, *, patience: float) -> None:
        # SQLAlchemy does not type the driver's own connection; this file is for SQLite alone.
        self._driver = cast("sqlite3.Connection", connection.connection.driver_connection)
        self._connection = with_driver(connection)
        self._patience = patience

    def begin_group(self, jobs: Sequence[Job[Any]]) -> bool:
        """Run the jobs at once, all but their commit. False: `run_group` has to, nothing happened.

        For the loop, so it waits for nobody.
        """
        try:
            self._run(jobs, run=self._run_plainly)
        except (sqlite3.Error, _HalfDone, _TransactionLost):
            return False
        return True

    def commit_group(self, jobs: Sequence[Job[Any]]) -> None:
        """Commit what was begun."""
        try:
            # One call, in which the interpreter is free: it need not be won back in between.
            self._driver.commit()
        except sqlite3.Error as error:
            # Nothing of the group happened.
            for job in jobs:
                job.error = error
        self._end()
        for job in jobs:
            _name_trouble(job)

    def run_group(self, jobs: Sequence[Job[Any]]) -> None:
        """Run the jobs in one transaction, and commit them; fill in what came of each."""
        with self._waiting():
            try:
                try:
                    self._commit(jobs, run=self._run_plainly)
                except _HalfDone:
                    # Rare: what refuses a job nearly always does so before its first change.
                    self._commit(jobs, run=self._run_apart)
            except _TransactionLost:
                # Nothing of the group happened. One job is to blame: each gets a transaction.
                for job in jobs:
                    self._commit_alone(job)

    def read(self, job: Job[Any]) -> None:
        """Run a job on a snapshot of its own."""
        try:
            self._driver.execute("BEGIN")
            job.run(self._connection)
        finally:
            self._end()
        _name_trouble(job)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        """Wait for another program's lock meanwhile."""
        self._driver.execute(f"PRAGMA busy_timeout = {int(self._patience * 1000)}")
        try:
            yield
        finally:
            self._driver.execute("PRAGMA busy_timeout = 0")

    def _commit_alone(self, job: Job[Any]) -> None:
        try:
            self._commit([job], run=self._run_apart)
        except _TransactionLost:
            _name_trouble(job)
            job.error = job.error or RuntimeError("a transaction ended itself")

    def _commit(self, jobs: Sequence[Job[Any]], *, run: _Run) -> None:
        try:
            self._run(jobs, run=run)
        except sqlite3.Error as error:
            for job in jobs:
                job.error = named_trouble(error)
        else:
            self.commit_group(jobs)

    def _run(self, jobs: Sequence[Job[Any]], *, run: _Run) -> None:
        """Begin a transaction and run the jobs in it; undo it when that is not to be committed."""
        try:
            self._driver.execute("BEGIN IMMEDIATE")
            for job in jobs:
                run(job)
        except BaseException:
            self._end()
            raise

    def _run_plainly(self, job: Job[Any]) -> None:
        """Without a savepoint, which costs as much as a statement or two."""
        changes = self._driver.total_changes
        job.run(self._connection)
        if not self._driver.in_transaction:
            raise _TransactionLost
        if job.error is not None and self._driver.total_changes != changes:
            raise _HalfDone

    def _run_apart(self, job: Job[Any]) -> None:
        self._driver.execute("SAVEPOINT job")
        job.run(self._connection)
        if not self._driver.in_transaction:
            raise _TransactionLost
        if job.error is not None:
            self._driver.execute("ROLLBACK TO job")
        self._driver.execute("RELEASE job")

    def _end(self) -> None:
        """Undo what is not committed, and let SQLAlchemy forget what it knows of it."""
        self._driver.rollback()
        if self._connection.in_transaction():
            self._connection.rollback()


def _name_trouble(job: Job[Any]) -> None:
    if isinstance(job.error, DBAPIError | sqlite3.Error):
        job.error = named_trouble(job.error)


def named_trouble(error: DBAPIError | sqlite3.Error) -> Exception:
    """What the driver says of the disk and the locks, as an error of ours; any other as it is."""
    told = error.orig if isinstance(error, DBAPIError) else error
    # The low byte is the kind; the rest tells the place.
    code = getattr(told, "sqlite_errorcode", 0) & 0xFF
    trouble = _TROUBLES.get(code)
    if trouble is None:
        return error
    named = trouble()
    named.__cause__ = error
    return named
