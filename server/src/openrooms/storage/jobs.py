"""Work that waits for a thread: a bounded line with one awaiting caller for each job."""

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

    __slots__ = ("_answer", "_claim", "_result", "_then", "_work", "error", "since", "timer")

    def __init__(
        self,
        work: Callable[[Connection], T],
        answer: "asyncio.Future[T]",
        then: Callable[[T], None] | None = None,
    ) -> None:
        self._work = work
        self._answer = answer
        self._then = then
        self._claim = threading.Lock()
        self._result: list[T] = []
        self.error: Exception | None = None
        # What gives up on it, while its caller waits.
        self.timer: asyncio.TimerHandle | None = None
        self.since = monotonic()

    def claim(self) -> bool:
        """Let the caller withdraw the job or a thread begin it: True for the first of them."""
        return self._claim.acquire(blocking=False)

    def put_back(self) -> None:
        """Undo the claim: nothing was done, and the caller may withdraw again."""
        self._claim.release()

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
    """A bounded line of jobs: callers of one loop at one end, threads at the other."""

    def __init__(self, *, longest: int, patience: float, kind: str = "write") -> None:
        self._longest = longest
        self._patience = patience
        self._waited = DATABASE_SECONDS.labels(kind)
        self._grouped = DATABASE_GROUP.labels(kind)
        DATABASE_WAITING.labels(kind).set_function(lambda: len(self._waiting))
        self._loop = asyncio.get_running_loop()
        # Any: each job has a result type of its own, known to its caller alone.
        self._waiting: deque[Job[Any]] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._waking = False

    @property
    def closed(self) -> bool:
        return self._closed

    async def run(
        self, work: Callable[[Connection], T], then: Callable[[T], None] | None = None
    ) -> T:
        """Wait until a thread has done the work; raise what it raised."""
        answer: asyncio.Future[T] = self._loop.create_future()
        job = Job(work, answer, then)
        self._append(job)
        if not self._waking:
            # Once for all that comes in one turn of the loop: they make one group, and the thread
            # that wakes finds the loop at rest instead of fighting it for the interpreter.
            self._waking = True
            self._loop.call_soon(self._wake)
        job.timer = self._loop.call_later(self._patience, self._lose_patience, job)
        try:
            return await answer
        except asyncio.CancelledError:
            job.claim()
            raise
        finally:
            job.timer.cancel()

    def put(self, job: Job[T]) -> None:
        """Let a job wait. Raises `DatabaseBusy` or `DatabaseClosed` when it cannot."""
        self._append(job)
        with self._changed:
            self._changed.notify()

    def take(self, most: int) -> list[Job[Any]]:
        """Wait for work and begin up to `most` jobs; an empty list when the line was closed."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return []
                count = min(most, len(self._waiting))
                jobs = [self._waiting.popleft() for _ in range(count)]
            begun = [job for job in jobs if job.claim()]
            if begun:
                self._count(begun)
                return begun

    def _count(self, begun: Sequence[Job[Any]]) -> None:
        now = monotonic()
        self._grouped.observe(len(begun))
        for job in begun:
            self._waited.observe(now - job.since)

    def finish(self, jobs: Sequence[Job[Any]]) -> None:
        """Let the callers of these jobs go on, in one wake-up of the loop."""
        for job in jobs:
            if isinstance(job.error, DatabaseAway):
                DATABASE_ERRORS.labels(type(job.error).__name__).inc()
        self._loop.call_soon_threadsafe(_settle, jobs)

    def close(self) -> None:
        """Accept no more. What was accepted is still done."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def fail(self) -> None:
        """Refuse what waits and all that comes: nobody takes jobs any more."""
        with self._changed:
            self._closed = True
            jobs = [job for job in self._waiting if job.claim()]
            self._waiting.clear()
        for job in jobs:
            job.error = DatabaseAway()
        self.finish(jobs)

    def _append(self, job: Job[T]) -> None:
        with self._changed:
            if self._closed:
                raise DatabaseClosed
            if len(self._waiting) >= self._longest:
                raise DatabaseBusy
            self._waiting.append(job)

    def _wake(self) -> None:
        self._waking = False
        with self._changed:
            self._changed.notify(len(self._waiting))

    def _lose_patience(self, job: Job[T]) -> None:
        if job.claim():
            job.refuse(DatabaseBusy())
        else:
            # Begun, so its outcome matters: wait once more, for the database's own time-out.
            job.timer = self._loop.call_later(self._patience, self._give_up, job)

    def _give_up(self, job: Job[T]) -> None:
        # A job that was put back has not happened either.
        job.refuse(DatabaseBusy() if job.claim() else OutcomeUnknown())


def _settle(jobs: Sequence[Job[Any]]) -> None:
    for job in jobs:
        job.settle()
