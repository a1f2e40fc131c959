"""A cheap client: some connections, each of which sends its next request when it has its answer.

It speaks plain HTTP over raw sockets and parses as little as it can, so that the server stays what
is measured. Requests come ready-made: nothing is signed while the clock runs.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import uvloop

CONNECTIONS = 8
LONGEST_SILENCE = 20.0
HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "


@dataclass(frozen=True, slots=True)
class Exchange:
    """What is asked again and again, and the status that answers it."""

    requests: Iterator[bytes]
    status: int


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a load. `latencies` are in seconds, in rising order."""

    seconds: float
    latencies: list[float]

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


class Unanswered(Exception):
    """The server gave another answer than the one that was asked for, or none."""


def drive(ports: Sequence[int], exchange: Exchange, *, seconds: float = 0, count: int = 0) -> Run:
    """Keep connections to each of the ports busy for so long, or until so many are answered."""
    load = _Load(exchange, seconds=seconds, count=count)
    return uvloop.run(load.run([port for port in ports for _ in range(CONNECTIONS)]))


def ask(port: int, request: bytes) -> bytes:
    """The body that answers one request, whatever its status."""
    load = _Load(Exchange(iter([request]), 0), seconds=0, count=1)
    uvloop.run(load.run([port]))
    return load.last


class _Load:
    """One run: what its connections share."""

    def __init__(self, exchange: Exchange, *, seconds: float, count: int) -> None:
        self.requests = exchange.requests
        self.status = b"HTTP/1.1 %d" % exchange.status if exchange.status else b"HTTP/1.1 "
        self.latencies: list[float] = []
        self.last = b""
        self.error: Exception | None = None
        self._seconds = seconds
        self._left = count
        self._until = 0.0

    async def run(self, ports: Sequence[int]) -> Run:
        loop = asyncio.get_running_loop()
        callers = []
        for port in ports:
            _, caller = await loop.create_connection(lambda: _Caller(self), "127.0.0.1", port)
            callers.append(caller)
        start = time.perf_counter()
        self._until = start + self._seconds
        for caller in callers:
            caller.ask()
        heard = -1
        while not all(caller.done.done() for caller in callers):
            await asyncio.wait([caller.done for caller in callers], timeout=LONGEST_SILENCE)
            if heard == len(self.latencies):
                raise Unanswered(f"no answer for {LONGEST_SILENCE} s")
            heard = len(self.latencies)
        took = time.perf_counter() - start
        if self.error is not None:
            raise self.error
        return Run(took, sorted(self.latencies))

    def next(self) -> bytes | None:
        """The next request; None when it is enough."""
        if self.error is not None:
            return None
        if self._seconds:
            return next(self.requests) if time.perf_counter() < self._until else None
        self._left -= 1
        return next(self.requests) if self._left >= 0 else None


class _Caller(asyncio.Protocol):
    """One connection."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._sent_at = 0.0
        self._answer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.WriteTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def ask(self) -> None:
        request = self._load.next()
        if request is None:
            self._end()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        answer = self._answer + data if self._answer else data
        head, end, body = answer.partition(HEAD_END)
        if not end or len(body) < _length(head):
            self._answer = answer
            return
        self._load.latencies.append(time.perf_counter() - self._sent_at)
        self._answer = b""
        if not head.startswith(self._load.status):
            self._load.error = Unanswered(answer.decode(errors="replace"))
        self._load.last = body
        self.ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self._load.error = Unanswered("the server closed the connection")
        self._end()

    def _end(self) -> None:
        if not self.done.done():
            self.done.set_result(None)
            self._transport.close()


def _length(head: bytes) -> int:
    start = head.find(LENGTH)
    if start < 0:
        start = head.lower().find(LENGTH)
    return int(head[start + len(LENGTH) :].partition(b"\r")[0]) if start >= 0 else 0
