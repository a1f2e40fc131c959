"""Who writes to the SQLite file: the loop runs what is brief, and a thread waits for the disk."""

import asyncio
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Any, TypeAlias, TypeVar

import structlog

from openrooms.storage.errors import DatabaseAway
from openrooms.storage.group import Session
from openrooms.storage.jobs import Job, Line
from openrooms.storage.logcopy import LogCopier

T = TypeVar("T")
# Any: each job has a result type of its own.
Jobs: TypeAlias = Sequence[Job[Any]]
log = structlog.get_logger(__name__)

LARGEST_GROUP = 64
# So many share a sync at little cost to each of them.
LARGE_GROUP = 16


class Writer:
    """Commits the jobs of its line in groups, one after the other; `run` is its thread.

    What comes while a group is committed makes the next one, with all that the next turns of the
    loop bring: under load that doubles a group and costs no time, for the loop is busy. When all of
    its jobs are brief, the loop runs them and the thread commits them: to hand them over would cost
    more than they do, and the two would fight for the interpreter. Any other group is the thread's
    as a whole.
    """

    def __init__(
        self, session: Session, copier: LogCopier, *, longest: int, patience: float
    ) -> None:
        self.line = Line(longest=longest, patience=patience, wake=self._go_on)
        self._session = session
        self._copier = copier
        self._loop = asyncio.get_running_loop()
        # How many jobs waited when they were last looked at.
        self._seen = 0
        # What the thread has to do with which jobs. While it does, the session is its own.
        self._orders: SimpleQueue[tuple[Callable[[Jobs], None], Jobs] | None] = SimpleQueue()

    def close(self) -> None:
        """Accept no more. The thread does what was accepted, and ends."""
        self.line.close()
        self._orders.put(None)

    def run(self) -> None:
        """Do what the loop hands over; when the line is closed, all that still waits there."""
        try:
            while (order := self._orders.get()) is not None:
                self._carry_out(*order)
            while jobs := self.line.take(LARGEST_GROUP):
                self._carry_out(self._session.run_group, jobs)
        except BaseException:
            # The top of a thread. What failed is not trusted again: callers are refused from now on.
            log.exception("database_thread_failed")
        finally:
            self._session.close()

    def _carry_out(self, act: Callable[[Jobs], None], jobs: Jobs) -> None:
        self._attempt(act, jobs)
        self._copier.note()
        self.line.finish(jobs)

    def _go_on(self) -> None:
        """Begin the next group, once a turn of the loop has brought nothing more for it.

        Called by the line, in the loop, while the thread has no group.
        """
        if self.line.closed:
            return
        if self._seen < self.line.waiting < LARGE_GROUP:
            self._seen = self.line.waiting
            self._loop.call_soon(self._go_on)
            return
        self._seen = 0
        jobs = self.line.pick(LARGEST_GROUP)
        if not jobs:
            return
        begun = all(job.brief for job in jobs) and self._attempt(self._session.begin_group, jobs)
        self._orders.put((self._session.commit_group if begun else self._session.run_group, jobs))

    def _attempt(self, act: Callable[[Jobs], T], jobs: Jobs) -> T:
        try:
            return act(jobs)
        except BaseException:
            for job in jobs:
                job.error = DatabaseAway()
            self.line.finish(jobs)
            self.line.fail()
            raise
