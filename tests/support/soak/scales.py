"""What a running server holds: memory, descriptors, threads, rows, rooms at the engine."""

import sqlite3
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import linear_regression

import psutil
import psycopg

from support.deadlines import wait_for
from support.engine import EngineEye
from support.exposition import samples
from support.server import Server

# What comes and goes, and so has to be gone when nothing happens any more.
PASSING = (
    *("event", "delivery", "call", "leg", "refusal", "survey", "repeat", "invitation"),
    *("ring", "member", "timer"),
)
# What stays for good, so that an id is never given twice: a row each, and nothing that hangs on it.
STAYING = ("room", "identity")
LIVE_LEGS = "select count(*) from leg where ended_at is null"
LIVE_CALLS = "select count(*) from call where ended_at is null"
WAITING = "select count(*) from delivery where dead_at is null"
GIVEN_UP = "select count(*) from delivery where dead_at is not null"
LIVE_ROOMS = "select count(*) from room where deleted_at is null"
# The oldest of what is kept for a time: what it is counted from.
KEPT_SINCE = {
    "event": "select min(happened_at) from event",
    "refusal": "select min(refused_at) from refusal",
    "survey": "select min(submitted_at) from survey",
    "call": "select min(ended_at) from call",
    "repeat": "select min(created_at) from repeat",
}
# How long calls were served so far is kept among the timers.
SERVED = "select count(*) from timer where what = 'served'"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Books:
    """Questions to the server's database, read only, on either kind."""

    def __init__(self, server: Server, url: str | None) -> None:
        self._file = server.data / "openrooms.db"
        self._url = url

    def ask(self, *questions: str) -> list[int | None]:
        """The one number that each is answered with, all at one moment."""
        if self._url is None:
            address = f"file:{self._file}?mode=ro"
            with closing(sqlite3.connect(address, uri=True, timeout=10)) as files:
                files.execute("begin")
                return [files.execute(one).fetchone()[0] for one in questions]
        with psycopg.connect(self._url, connect_timeout=10) as connection:
            rows = [connection.execute(one.encode()).fetchone() for one in questions]
            return [row[0] if row else None for row in rows]

    def count(self, question: str) -> int:
        return self.ask(question)[0] or 0

    def rows(self) -> dict[str, int]:
        tables = (*PASSING, *STAYING)
        counts = self.ask(*(f"select count(*) from {table}" for table in tables))  # noqa: S608 - names of ours
        counted = {table: count or 0 for table, count in zip(tables, counts, strict=True)}
        counted["timer"] -= self.count(SERVED)
        return counted

    def ages(self, now: datetime) -> dict[str, timedelta]:
        """How long the oldest of each kind is kept that is kept for a time."""
        oldest = self.ask(*KEPT_SINCE.values())
        return {
            kind: now - (EPOCH + timedelta(microseconds=at))
            for kind, at in zip(KEPT_SINCE, oldest, strict=True)
            if at is not None
        }


@dataclass(frozen=True, slots=True)
class Held:
    """What there was at one moment; memory in bytes, that of nobody else alone.

    `engine_held`: of it what the engine's collector of garbage left when it was through last. The rest is
    garbage, as much as comes up between two collections, and what is kept for more of it.
    """

    calls: int
    memory: int
    descriptors: int
    threads: int
    engine_memory: int
    engine_held: int
    engine_descriptors: int
    engine_rooms: int
    rows: Mapping[str, int]
    oldest: Mapping[str, timedelta]

    def __str__(self) -> str:
        rows = ", ".join(f"{table} {count}" for table, count in self.rows.items() if count)
        return (
            f"{self.calls} calls: {self.memory / 1e6:.1f} MB, {self.descriptors} descriptors, "
            f"{self.threads} threads; engine {self.engine_memory / 1e6:.1f} MB, "
            f"of which it holds {self.engine_held / 1e6:.1f}, "
            f"{self.engine_descriptors} descriptors, {self.engine_rooms} rooms; rows: {rows}"
        )


class Scales:
    """Weighs a server, its engine and its database."""

    def __init__(self, server: Server, books: Books) -> None:
        self._books = books
        self._eye = EngineEye(server.data)
        self._service = psutil.Process(server.pid)
        self._metrics = f"http://127.0.0.1:{server.ports.http}/metrics"
        self._engine, _ = wait_for("the engine", server.engine, within=10)

    def weigh(self, calls: int, now: datetime) -> Held:
        return Held(
            calls=calls,
            memory=self._service.memory_full_info().uss,
            descriptors=self._service.num_fds(),
            threads=self._service.num_threads(),
            engine_memory=self._engine.memory_full_info().uss,
            engine_held=self._eye.held(),
            engine_descriptors=self._engine.num_fds(),
            engine_rooms=self.engine_rooms(),
            rows=self._books.rows(),
            oldest=self._books.ages(now),
        )

    def engine_rooms(self) -> int:
        return len(self._eye.rooms())

    def running(self) -> dict[str, float]:
        """What the service itself counts as under way."""
        with urllib.request.urlopen(self._metrics, timeout=10) as answer:
            told = samples(answer.read())
        wanted = ("openrooms_requests_running", "openrooms_database_jobs_waiting")
        return {name: value for name, value in told.items() if name in wanted}


def grown(held: Sequence[Held], what: str) -> float:
    """By how much something grew with the joins, by a line through all that was weighed."""
    calls = [float(one.calls) for one in held]
    line = linear_regression(calls, [float(getattr(one, what)) for one in held])
    return float(line.slope) * (calls[-1] - calls[0])
