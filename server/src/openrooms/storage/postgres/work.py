"""A thread with a connection of its own that does one job after the other, each in a transaction."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

import psycopg
import structlog
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, RootTransaction
from sqlalchemy.exc import DBAPIError

from openrooms.kernel.clock import monotonic
from openrooms.storage.errors import DatabaseAway, OutcomeUnknown
from openrooms.storage.jobs import Job, Line
from openrooms.storage.postgres.connections import Tap, driver_of
from openrooms.storage.postgres.order import CommitOrder
from openrooms.storage.postgres.reach import Reach
from openrooms.storage.postgres.troubles import Course, judge

log = structlog.get_logger(__name__)

# How often a job is run when others get in its way, or its connection is lost.
TRIES = 4
AGAIN = (Course.REPEAT, Course.RECONNECT)

# What is done with a job that could not have its lock.
Aside: TypeAlias = Callable[[Job[Any]], None]


@dataclass(frozen=True, slots=True)
class Duty:
    """What a worker works on: its line, its kind of session, and whom it shares the outcomes with."""

    line: Line
    engine: Engine
    order: CommitOrder
    reach: Reach
    writes: bool
    step_aside: Aside | None = None


@dataclass(frozen=True, slots=True)
class _Session:
    """A connection, the driver's own under it, and the means to cut it."""

    connection: Connection
    driver: psycopg.Connection[Any]
    tap: Tap

    def close(self) -> None:
        self.tap.close()
        with suppress(DBAPIError):
            self.connection.invalidate()
        self.connection.close()


class Worker:
    """One thread's work. `run` is the thread; `cut_if_stuck` may be called by any other."""

    def __init__(self, duty: Duty, *, patience: float) -> None:
        self._duty = duty
        self._patience = patience
        self._session: _Session | None = None
        self._since: float | None = None

    def run(self) -> None:
        """Do jobs until the line is closed and empty."""
        try:
            while jobs := self._duty.line.take(1):
                self._do(jobs[0])
        except BaseException:
            # The top of a thread. One that failed is not trusted again: callers are refused.
            log.exception("database_thread_failed")
        finally:
            self._duty.line.fail()
            self._drop()

    def cut_if_stuck(self) -> None:
        """Cut the connection when it has kept its job for too long."""
        since, session = self._since, self._session
        if since is not None and session is not None and self._is_over(since):
            session.tap.cut()

    def _is_over(self, since: float) -> bool:
        return monotonic() - since >= self._patience

    def _do(self, job: Job[Any]) -> None:
        self._since = since = monotonic()
        try:
            course = self._attempt(job)
            for _ in range(TRIES - 1):
                # A job that was cut off for its length would be too long again.
                if course not in AGAIN or self._is_over(since):
                    break
                course = self._attempt(job)
        except BaseException:
            self._duty.line.close()
            job.error = DatabaseAway()
            self._duty.line.finish([job])
            raise
        finally:
            self._since = None
        if course is Course.STEP_ASIDE and self._duty.step_aside is not None:
            self._duty.step_aside(job)
        elif course is not Course.IN_ORDER:
            self._duty.line.finish([job])

    def _attempt(self, job: Job[Any]) -> Course:
        """Run the job once; what is done with it then. What came of it stands in the job."""
        try:
            session = self._connected()
        except DatabaseAway as away:
            job.error = away
            return Course.TELL
        begun = session.connection.begin()
        job.run(session.connection)
        job.error = job.error or _fault(session, begun)
        if job.error is None:
            course = self._end(session, job)
            if job.error is None:
                return course
        elif _attempted(session.connection.rollback) is not None:
            session.driver.close()
        verdict = judge(job.error, lost=session.driver.closed)
        job.error = verdict.error
        if session.driver.closed or verdict.course is Course.RECONNECT:
            self._drop()
        return verdict.course

    def _end(self, session: _Session, job: Job[Any]) -> Course:
        """Commit, or end a reading. What went wrong stands in the job."""
        if not self._duty.writes:
            job.error = _attempted(session.connection.rollback)
            return Course.TELL
        if not job.has_consequence:
            job.error = _committed(session)
            return Course.TELL
        place = self._duty.order.enter()
        try:
            job.error = _committed(session)
        finally:
            self._duty.order.leave(place, job if job.error is None else None)
        return Course.IN_ORDER

    def _connected(self) -> _Session:
        if self._session is not None:
            return self._session
        if self._duty.reach.away:
            # Somebody looks for it all the time; this one need not wait for the network.
            raise DatabaseAway
        try:
            connection = self._duty.engine.connect()
        except (DBAPIError, OSError) as error:
            self._duty.reach.lost(error)
            raise DatabaseAway from error
        driver = driver_of(connection)
        self._session = _Session(connection, driver, Tap(driver))
        return self._session

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()


def _fault(session: _Session, begun: RootTransaction) -> Exception | None:
    """What keeps a transaction from being committed though nothing was raised."""
    if not begun.is_active:
        return RuntimeError("a transaction ended itself")
    if session.driver.info.transaction_status is TransactionStatus.INERROR:
        # The server would answer such a commit with a quiet undoing.
        return RuntimeError("a transaction went on after an error of the database")
    return None


def _committed(session: _Session) -> Exception | None:
    error = _attempted(session.connection.commit)
    if error is None or not session.driver.closed:
        return error
    # The answer was lost with the connection; the commit may have happened.
    unknown = OutcomeUnknown()
    unknown.__cause__ = error
    return unknown


def _attempted(act: Callable[[], None]) -> Exception | None:
    try:
        act()
    except DBAPIError as error:
        return error
    return None
