"""The SQLite adapter: one writer that commits in groups, reader threads beside it."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import structlog
from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from openrooms.kernel.clock import monotonic
from openrooms.storage.errors import DatabaseAway, DatabaseBusy, DataDirectoryUnusable
from openrooms.storage.group import Session, named_trouble
from openrooms.storage.jobs import Job, Line
from openrooms.storage.logcopy import LogCopier
from openrooms.storage.migrate import HEAD, bring_up_to_date
from openrooms.storage.statements import with_driver
from openrooms.storage.writer import Writer

T = TypeVar("T")
log = structlog.get_logger(__name__)

FILE_NAME = "openrooms.db"
READERS = 2
LOG_PAGES = 4000
# How long who opens the file waits for others, and between two tries; in seconds.
OPENING, LOG_PAUSE = 5.0, 0.01
WRITER_CACHE_KIB = 8192


@dataclass(frozen=True, slots=True)
class Limits:
    """How many jobs may wait, and for how many seconds: once to be begun, once to be done."""

    longest_line: int = 1024
    patience: float = 2.5


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class SqliteDatabase:
    """`Database` on one SQLite file."""

    _writing: Line
    _reading: Line
    _own: "OwnConnection"

    async def write(
        self,
        transaction: Callable[[Connection], T],
        /,
        then: Callable[[T], None] | None = None,
        *,
        brief: bool = False,
    ) -> T:
        return await self._writing.run(transaction, then, brief=brief)

    async def read(self, query: Callable[[Connection], T], /) -> T:
        return await self._reading.run(query)

    async def look(self, query: Callable[[Connection], T], /) -> T:
        if not self._reading.closed:
            try:
                return self._own.run(query)
            except DatabaseBusy:
                # A thread can wait for what the loop cannot.
                pass
        return await self._reading.run(query)

    def hear(self, heard: Callable[[], None], /) -> None:
        """Nobody else changes the file."""

    @property
    def usable(self) -> bool:
        return not (self._writing.closed or self._reading.closed)


class OwnConnection:
    """The loop's own connection, for reads so short that handing them to a thread costs more.

    What is read in one turn of the loop is read in one transaction: to begin and to end it costs
    SQLite more than to find a row. Its end waits in the loop's queue before anything is read, and so
    before all that follows from a later commit: who knows of a change, sees it.
    """

    def __init__(self, file: Path) -> None:
        connection = open_engine(file, None, 0).connect()
        connection.exec_driver_sql("PRAGMA query_only = ON")
        connection.rollback()
        # SQLAlchemy does not type the driver's own connection.
        self._driver = cast("sqlite3.Connection", connection.connection.driver_connection)
        self._connection = with_driver(connection)
        self._loop = asyncio.get_running_loop()
        self._begun = False

    def run(self, query: Callable[[Connection], T]) -> T:
        """Run the query at once. Waits for nobody: raises `DatabaseBusy` instead."""
        try:
            if not self._begun:
                self._driver.execute("BEGIN")
                self._begun = True
                self._loop.call_soon(self._end)
            return query(self._connection)
        except DBAPIError as error:
            named = named_trouble(error)
            if named is error:
                raise
            raise named from error

    def _end(self) -> None:
        if self._begun:
            self._begun = False
            self._driver.rollback()
            # A query through SQLAlchemy has begun what it takes for a transaction of its own.
            if self._connection.in_transaction():
                self._connection.rollback()

    def close(self) -> None:
        self._end()
        self._connection.close()


@asynccontextmanager
async def open_sqlite(
    file: Path, limits: Limits = DEFAULT_LIMITS
) -> AsyncGenerator[SqliteDatabase]:
    """Bring the file's schema up to date, run its threads, and finish what was accepted."""
    longest, patience = limits.longest_line, limits.patience
    await asyncio.to_thread(prepare_file, file, patience)
    copier = LogCopier(file)
    session = Session(open_for_writing(file), patience=patience)
    writer = Writer(session, copier, longest=longest, patience=patience)
    reading = Line(longest=longest, patience=patience, kind="read")
    threads = [
        threading.Thread(target=writer.run, name="database-writer"),
        threading.Thread(target=copier.run, name="database-log"),
    ]
    for number in range(READERS):
        name = f"database-reader-{number}"
        threads.append(threading.Thread(target=_read, args=(reading, file, patience), name=name))
    own = OwnConnection(file)
    for thread in threads:
        thread.start()
    try:
        yield SqliteDatabase(writer.line, reading, own)
    finally:
        own.close()
        reading.close()
        writer.close()
        copier.stop()
        await asyncio.shield(asyncio.to_thread(_join, threads))


def open_engine(file: Path, begin: str | None, patience: float) -> Engine:
    """An engine on the file whose every transaction starts with the statement `begin`, if any."""
    engine = create_engine(
        URL.create("sqlite", database=str(file)),
        poolclass=NullPool,
        # A connection has one user at a time; which thread that is may change.
        connect_args={"check_same_thread": False},
        # An error that is logged must not carry the values of its statement.
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _: object) -> None:
        # The driver would begin and commit on its own terms; we say when and how.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
        _keep_a_log(connection)
        # A commit is on the disk, the log's sync included, before anyone is told of it.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        # Sorting in memory: no second place on the disk that can be full.
        connection.execute("PRAGMA temp_store = MEMORY")

    if begin is not None:

        @event.listens_for(engine, "begin")
        def start(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

    return engine


def _keep_a_log(connection: sqlite3.Connection) -> None:
    """Have the file keep its log of writes, from its first day on.

    The statement does not always wait by itself for others who open or close the file at the same
    moment, such as an engine that looks whether its keys are there. Whoever opens the file waits
    for them, also when his statements wait for nobody.
    """
    end, pause = monotonic() + OPENING, threading.Event()
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() >= end:
                raise
            pause.wait(LOG_PAUSE)
        else:
            return


def open_migrating(file: Path, patience: float) -> Engine:
    """An engine that may take a table away and put another in its place.

    SQLite does not look at foreign keys meanwhile; somebody has to, before the commit.
    """
    engine = open_engine(file, "BEGIN IMMEDIATE", patience)

    @event.listens_for(engine, "connect")
    def let_go(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA foreign_keys = OFF")

    return engine


def prepare_file(file: Path, patience: float) -> str | None:
    """Bring the file up to date; the revision that was found. Raises `DataDirectoryUnusable`."""
    try:
        file.touch(mode=0o600)
        with open_migrating(file, patience).begin() as connection:
            found = bring_up_to_date(connection)
            if found != HEAD:
                _check_references(connection, file)
            return found
    except (DBAPIError, OSError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error.strerror
        raise DataDirectoryUnusable(
            f"Database {file}: {reason}. Restore it from a backup, or move it away."
        ) from error


def _check_references(connection: Connection, file: Path) -> None:
    stray = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if stray is not None:
        raise DataDirectoryUnusable(
            f"Database {file}: a row of {stray[0]} refers to one that is not there; "
            "nothing was changed. Restore it from a backup, or move it away."
        )


def open_for_writing(file: Path) -> Connection:
    """The connection that makes all changes. It waits for nobody unless it is told to."""
    connection = open_engine(file, None, 0).connect()
    # The longer the log, the more often a page was changed before it is copied.
    connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
    # A new room goes to pages here and there; they need not be read anew for the next one.
    connection.exec_driver_sql(f"PRAGMA cache_size = -{WRITER_CACHE_KIB}")
    connection.rollback()
    return connection


def _read(line: Line, file: Path, patience: float) -> None:
    try:
        with open_engine(file, None, patience).connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only = ON")
            connection.rollback()
            session = Session(connection, patience=patience)
            while jobs := line.take(1):
                _read_one(line, session, job=jobs[0])
    except BaseException:
        # The top of a thread. One that failed is not trusted again: callers are refused from now on.
        log.exception("database_thread_failed")
    finally:
        line.fail()


def _read_one(line: Line, session: Session, *, job: Job[Any]) -> None:
    try:
        session.read(job)
    except BaseException:
        line.close()
        job.error = DatabaseAway()
        raise
    finally:
        line.finish([job])


def _join(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join()
