"""Group commit: many small transactions, one sync of the disk, each undone alone if it fails."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from openrooms.storage.errors import DatabaseAway, DatabaseBusy, DatabaseFull
from openrooms.storage.jobs import Job

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
_Run: TypeAlias = Callable[[Connection, Job[Any]], None]


def commit_group(connection: Connection, jobs: Sequence[Job[Any]]) -> None:
    """Run the jobs in one transaction; fill in what came of each."""
    try:
        try:
            _commit(connection, jobs, run=_run_plainly)
        except _HalfDone:
            # Rare, because what refuses a job nearly always does so before its first change.
            _commit(connection, jobs, run=_run_apart)
    except _TransactionLost:
        # Nothing of the group happened. One job is to blame, so each gets a transaction of its own.
        for job in jobs:
            _commit_alone(connection, job)


def read_one(connection: Connection, jobs: Sequence[Job[Any]]) -> None:
    """Run each job on a snapshot of its own."""
    for job in jobs:
        with connection.begin() as snapshot:
            job.run(connection)
            snapshot.rollback()
        _name_trouble(job)


def _commit_alone(connection: Connection, job: Job[Any]) -> None:
    try:
        _commit(connection, [job], run=_run_apart)
    except _TransactionLost:
        _name_trouble(job)
        job.error = job.error or RuntimeError("a transaction ended itself")


def _commit(connection: Connection, jobs: Sequence[Job[Any]], *, run: _Run) -> None:
    try:
        with connection.begin():
            for job in jobs:
                run(connection, job)
    except DBAPIError as error:
        # It would not begin, or would not commit: nothing of the group happened.
        for job in jobs:
            job.error = error
    for job in jobs:
        _name_trouble(job)


def _run_plainly(connection: Connection, job: Job[Any]) -> None:
    """Without a savepoint, which costs as much as a statement or two."""
    raw = _driver(connection)
    changes = raw.total_changes
    job.run(connection)
    if not raw.in_transaction:
        raise _TransactionLost
    if job.error is not None and raw.total_changes != changes:
        raise _HalfDone


def _run_apart(connection: Connection, job: Job[Any]) -> None:
    raw = _driver(connection)
    raw.execute("SAVEPOINT job")
    job.run(connection)
    if not raw.in_transaction:
        raise _TransactionLost
    if job.error is not None:
        raw.execute("ROLLBACK TO job")
    raw.execute("RELEASE job")


def _driver(connection: Connection) -> sqlite3.Connection:
    # SQLAlchemy does not type the driver's own connection; this file is for SQLite alone.
    return cast("sqlite3.Connection", connection.connection.driver_connection)


def _name_trouble(job: Job[Any]) -> None:
    if isinstance(job.error, DBAPIError):
        job.error = named_trouble(job.error)


def named_trouble(error: DBAPIError) -> Exception:
    """What the driver says of the disk and the locks, as an error of ours; any other as it is."""
    # The low byte is the kind; the rest tells the place.
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    trouble = _TROUBLES.get(code)
    if trouble is None:
        return error
    named = trouble()
    named.__cause__ = error
    return named
