"""`Database` on PostgreSQL: a few threads, each with a connection, each job a transaction."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from openrooms.storage.errors import DatabaseAway
from openrooms.storage.jobs import Job, Line
from openrooms.storage.postgres.connections import Address, make_engine, read_address
from openrooms.storage.postgres.order import CommitOrder
from openrooms.storage.postgres.preparing import prepare, unusable
from openrooms.storage.postgres.pulse import FAULTS, Pulse
from openrooms.storage.postgres.reach import Reach
from openrooms.storage.postgres.work import Duty, Worker

T = TypeVar("T")

LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Limits:
    """How many threads there are and jobs may wait, and for how many seconds each thing may last."""

    writers: int = 4
    readers: int = 4
    # Threads for jobs whose lock another holds: there they hold up nobody else.
    waiters: int = 4
    longest_line: int = 1024
    longest_aside: int = 64
    # Once to be begun, once to be done.
    patience: float = 2.0
    # How long a writer waits for a lock before its job steps aside.
    glance: float = 0.05

    @property
    def wait(self) -> float:
        """How long it may wait there: less than a statement may last, which is not told apart."""
        return self.patience - self.glance

    def session(self, *, lock: float) -> dict[str, str]:
        """What holds for a session whose statements wait so long for a lock."""
        return {
            "statement_timeout": str(int(self.patience * 1000)),
            "lock_timeout": str(int(lock * 1000)),
            "idle_in_transaction_session_timeout": str(int(self.patience * 4000)),
        }


DEFAULT_LIMITS = Limits()
_READING = {
    "default_transaction_read_only": "on",
    "default_transaction_isolation": "'repeatable read'",
}


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """`Database` on one PostgreSQL database."""

    _writing: Line
    _reading: Line
    _reach: Reach
    _pulse: Pulse

    async def write(
        self,
        transaction: Callable[[Connection], T],
        /,
        then: Callable[[T], None] | None = None,
        *,
        brief: bool = False,
    ) -> T:
        return await self._writing.run(transaction, then)

    async def read(self, query: Callable[[Connection], T], /) -> T:
        return await self._reading.run(query)

    look = read

    def hear(self, heard: Callable[[], None], /) -> None:
        self._pulse.hear(heard)

    @property
    def usable(self) -> bool:
        return not (self._writing.closed or self._reading.closed or self._reach.away)


@asynccontextmanager
async def open_postgres(
    url: str, limits: Limits = DEFAULT_LIMITS, *, runs_calls: bool = False
) -> AsyncGenerator[PostgresDatabase]:
    """Bring the schema up to date, run the threads, and finish what was accepted."""
    address = read_address(url)
    await asyncio.to_thread(prepare, address)
    reach = Reach(address.name)
    pulse = Pulse(address, reach, runs_calls)
    try:
        await pulse.open()
    except FAULTS as error:
        raise unusable(address, error) from error
    crew = _Crew(address, limits, reach)
    async with asyncio.TaskGroup() as tasks:
        background = [tasks.create_task(pulse.run()), tasks.create_task(crew.watch())]
        crew.start()
        try:
            yield PostgresDatabase(crew.writing, crew.reading, reach, pulse)
        finally:
            await asyncio.shield(crew.stop())
            for task in background:
                task.cancel()
            await pulse.close()


class _Crew:
    """The lines and the threads that work on them."""

    def __init__(self, address: Address, limits: Limits, reach: Reach) -> None:
        self._limits = limits
        self._reach = reach
        patience = limits.patience
        self.writing = Line(longest=limits.longest_line, patience=patience)
        self.reading = Line(longest=limits.longest_line, patience=patience, kind="read")
        self._aside = Line(longest=limits.longest_aside, patience=patience, kind="aside")
        order = CommitOrder(self.writing.finish)

        def duty(line: Line, session: Mapping[str, str], **more: Any) -> Duty:  # noqa: ANN401 - a Duty's own
            return Duty(line, make_engine(address, session), order, reach, **more)

        glance, wait = limits.session(lock=limits.glance), limits.session(lock=limits.wait)
        self._writers = self._workers(
            limits.writers, duty(self.writing, glance, writes=True, step_aside=self._step_aside)
        )
        self._waiters = self._workers(limits.waiters, duty(self._aside, wait, writes=True))
        self._readers = self._workers(
            limits.readers, duty(self.reading, wait | _READING, writes=False)
        )

    def start(self) -> None:
        for _, thread in self._all():
            thread.start()

    async def watch(self) -> None:
        """Cut connections that give no answer, for ever."""
        while True:
            for worker, _ in self._all():
                worker.cut_if_stuck()
            await asyncio.sleep(LOOK_SECONDS)

    async def stop(self) -> None:
        """Finish what was accepted; what stepped aside last."""
        self.reading.close()
        self.writing.close()
        await asyncio.to_thread(_join, self._writers + self._readers)
        self._aside.close()
        await asyncio.to_thread(_join, self._waiters)

    def _workers(self, count: int, duty: Duty) -> list[tuple[Worker, threading.Thread]]:
        workers = [Worker(duty, patience=self._limits.patience * 2) for _ in range(count)]
        return [(one, threading.Thread(target=one.run, name="database")) for one in workers]

    def _all(self) -> Iterator[tuple[Worker, threading.Thread]]:
        yield from (*self._writers, *self._readers, *self._waiters)

    def _step_aside(self, job: Job[Any]) -> None:
        # Nothing was done, so its caller may withdraw it again while it waits.
        job.error = None
        job.put_back()
        try:
            self._aside.put(job)
        except DatabaseAway as full:
            job.error = full
            self.writing.finish([job])


def _join(workers: list[tuple[Worker, threading.Thread]]) -> None:
    for _, thread in workers:
        thread.join()
