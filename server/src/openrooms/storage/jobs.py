"""Work that waits to be done: a bounded line with one awaiting caller for each job."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import structlog
from sqlalchemy import Connection

from openrooms.kernel.clock import monotonic
from openrooms.metrics import DATABASE_ERRORS, DATABASE_GROUP, DATABASE_SECONDS, DATABASE_WAITING
from openrooms.storage.errors import DatabaseAway, DatabaseBusy, DatabaseClosed, OutcomeUnknown

T = TypeVar("T")
log = structlog.get_logger(__name__)


class Job(Generic[T]):
    """One function of a connection, its caller's future, and what came of it.

    `then` is called with the result in the caller's loop, in the order of the commits, and whether
    or not the caller still waits: what has happened has consequences.
    """

    __slots__ = ("_answer", "_claim", "_result", "_then", "_work", "brief", "error", "since")

    def __init__(
        self,
        work: Callable[[Connection], T],
        answer: "asyncio.Future[T]",
        then: Callable[[T], None] | None = None,
        *,
        brief: bool = False,
    ) -> None:
        self._work = work
        self._answer = answer
        self._then = then
        self._claim = threading.Lock()
        self._result: list[T] = []
        self.error: Exception | None = None
        # Whether it may be run by the loop.
        self.brief = brief
        self.since = monotonic()

    def claim(self) -> bool:
        """Let the caller withdraw the job or a thread begin it: True for the first of them."""
        return self._claim.acquire(blocking=False)

    def put_back(self) -> None:
        """Undo the claim: nothing was done, and the caller may withdraw again."""
        self._claim.release()

    @property
    def is_over(self) -> bool:
        """Whether its caller waits no more."""
        return self._answer.done()

    @property
    def has_consequence(self) -> bool:
        """Whether something follows from it, for which the order of the commits matters."""
        return self._then is not None

    def run(self, connection: Connection) -> None:
        """Do the work and keep what came of it. It may be done again."""
        self._result, self.error = [], None
        try:
            self._result.append(self._work(connection))
        except Exception as error:  # noqa: BLE001 - it is the caller's, who gets it raised
            self.error = error

    def settle(self) -> None:
        """Give the caller what came of it, if he still waits. Runs in the caller's loop."""
        if self.error is None:
            self._go_on(self._result[0])
            if not self._answer.done():
                self._answer.set_result(self._result[0])
        elif isinstance(self.error, StopIteration):
            # A future refuses this one kind, and the caller would wait for ever.
            self.refuse(RuntimeError("a transaction raised StopIteration"))
        else:
            self.refuse(self.error)

    def refuse(self, error: Exception) -> None:
        """Raise this for the caller, if he still waits. Runs in the caller's loop."""
        if not self._answer.done():
            self._answer.set_exception(error)

    def _go_on(self, result: T) -> None:
        try:
            if self._then is not None:
                self._then(result)
        except Exception:
            # The top of a call from the loop. The change stands; its caller must hear of it.
            log.exception("consequence_failed")


class Line:
    """A bounded line of jobs: callers of one loop at one end; at the other, threads that take them.

    Or, instead of threads, one that the loop calls by `wake`: when a job has come, unless it has
    not been at `rest` since, and when jobs are finished.
    """

    def __init__(
        self,
        *,
        longest: int,
        patience: float,
        kind: str = "write",
        wake: Callable[[], None] | None = None,
    ) -> None:
        self._longest = longest
        self._patience = patience
        self._waited = DATABASE_SECONDS.labels(kind)
        self._grouped = DATABASE_GROUP.labels(kind)
        DATABASE_WAITING.labels(kind).set_function(lambda: len(self._waiting))
        self._loop = asyncio.get_running_loop()
        # Any: each job has a result type of its own, known to its caller alone.
        self._waiting: deque[Job[Any]] = deque()
        # Those whose callers wait, in the order in which they came: the first loses patience first.
        self._open: deque[Job[Any]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._changed = threading.Condition()
        self._closed = False
        self._rests = True
        self._called = wake

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def waiting(self) -> int:
        """How many jobs wait to be begun."""
        return len(self._waiting)

    async def run(
        self,
        work: Callable[[Connection], T],
        then: Callable[[T], None] | None = None,
        *,
        brief: bool = False,
    ) -> T:
        """Wait until the work is done; raise what it raised."""
        answer: asyncio.Future[T] = self._loop.create_future()
        job = Job(work, answer, then, brief=brief)
        # The loop alone appends here, and it alone empties the line for good: it needs no lock.
        self._append(job)
        self._open.append(job)
        if self._rests:
            # Once for all that comes in one turn of the loop: they make one group, and a thread
            # that wakes finds the loop at rest instead of fighting it for the interpreter.
            self._rests = False
            self._loop.call_soon(self._called or self._wake)
        if self._timer is None:
            self._timer = self._loop.call_later(self._patience, self._lose_patience)
        try:
            return await answer
        except asyncio.CancelledError:
            job.claim()
            raise

    def put(self, job: Job[T]) -> None:
        """Let a job of another line wait. Raises `DatabaseBusy` or `DatabaseClosed` if it cannot."""
        with self._changed:
            self._append(job)
            self._changed.notify()

    def take(self, most: int) -> list[Job[Any]]:
        """Wait for work and begin up to `most` jobs; an empty list when the line was closed."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return []
                begun = self._begin(most)
            if begun:
                return begun

    def pick(self, most: int) -> list[Job[Any]]:
        """Begin up to `most` of the jobs that wait; the line is at rest when there are none."""
        while self._waiting:
            if begun := self._begin(most):
                return begun
        self._rests = True
        return []

    def finish(self, jobs: Sequence[Job[Any]]) -> None:
        """Let the callers of these jobs go on, in one wake-up of the loop."""
        self._loop.call_soon_threadsafe(self._settle, jobs)

    def close(self) -> None:
        """Accept no more. What was accepted is still done."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def fail(self) -> None:
        """Refuse what waits and all that comes: nobody takes jobs any more."""
        self.close()
        self._loop.call_soon_threadsafe(self._refuse)

    def _append(self, job: Job[T]) -> None:
        if self._closed:
            raise DatabaseClosed
        if len(self._waiting) >= self._longest:
            raise DatabaseBusy
        self._waiting.append(job)

    def _wake(self) -> None:
        self._rests = True
        with self._changed:
            self._changed.notify(len(self._waiting))

    def _begin(self, most: int) -> list[Job[Any]]:
        count = min(most, len(self._waiting))
        begun = [job for job in [self._waiting.popleft() for _ in range(count)] if job.claim()]
        if begun:
            now = monotonic()
            self._grouped.observe(len(begun))
            for job in begun:
                self._waited.observe(now - job.since)
        return begun

    def _settle(self, jobs: Sequence[Job[Any]]) -> None:
        for job in jobs:
            if isinstance(job.error, DatabaseAway):
                DATABASE_ERRORS.labels(type(job.error).__name__).inc()
            job.settle()
        while self._open and self._open[0].is_over:
            self._open.popleft()
        if self._called is not None:
            self._called()

    def _refuse(self) -> None:
        with self._changed:
            jobs = [job for job in self._waiting if job.claim()]
            self._waiting.clear()
        for job in jobs:
            job.error = DatabaseAway()
        self._settle(jobs)

    def _lose_patience(self) -> None:
        now = monotonic()
        while self._open and (self._open[0].is_over or self._open[0].since + self._patience <= now):
            job = self._open.popleft()
            if job.claim():
                job.refuse(DatabaseBusy())
            elif not job.is_over:
                # Begun, so its outcome matters: wait once more, for the database's own time-out.
                self._loop.call_later(self._patience, _give_up, job)
        self._timer = None
        if self._open:
            left = self._open[0].since + self._patience - now
            self._timer = self._loop.call_later(left, self._lose_patience)


def _give_up(job: Job[Any]) -> None:
    # A job that was put back has not happened either.
    job.refuse(DatabaseBusy() if job.claim() else OutcomeUnknown())
