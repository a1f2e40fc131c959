"""Many clients at once on raw connections: those who flood, those who dawdle, and a good one."""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from email.utils import formatdate

from support.signed import Key

CREATE = "/rooms?api-version=2025-03-13"


@dataclass(frozen=True, slots=True)
class Tenant:
    """One customer of a server: a key, and the host name under which it counts."""

    key: Key
    host: str

    def request(self, method: str, target: str, body: bytes = b"") -> bytes:
        """A whole signed request."""
        headers = self.key.headers(method, target, self.host, at=formatdate(usegmt=True), body=body)
        headers |= {"Host": self.host, "Content-Length": str(len(body))}
        if body:
            headers["Content-Type"] = "application/json"
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {v}" for name, v in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(slots=True)
class Heard:
    """What some clients heard: statuses, answers that say when to come back, and waiting times."""

    statuses: Counter[int] = field(default_factory=Counter)
    told_to_wait: int = 0
    waits: list[float] = field(default_factory=list)

    @property
    def p99(self) -> float:
        return statistics.quantiles(self.waits, n=100)[98]


async def exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, *, heard: Heard
) -> None:
    """Send a request and read its whole answer."""
    begun = time.perf_counter()
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length or 0))
    heard.waits.append(time.perf_counter() - begun)
    heard.statuses[int(head.split(b" ", 2)[1])] += 1
    heard.told_to_wait += b"\r\nretry-after: " in head


async def ask_for(port: int, request: bytes, seconds: float) -> Heard:
    """One good client, that asks again as soon as it was answered, for so many seconds."""
    heard, end = Heard(), time.monotonic() + seconds
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < end:
        await exchange(reader, writer, request, heard=heard)
    writer.close()
    return heard


@asynccontextmanager
async def flooding(port: int, request: bytes, connections: int) -> AsyncIterator[Heard]:
    """So many clients of the kind that never wait."""
    heard = Heard()

    async def one() -> None:
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                with closing(writer):
                    while True:
                        await exchange(reader, writer, request, heard=heard)

    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(one()) for _ in range(connections)]
        try:
            yield heard
        finally:
            for task in running:
                task.cancel()


async def _until_closed(reader: asyncio.StreamReader) -> None:
    # Whoever still sends as the other side closes may be reset instead, and lose what it said.
    with suppress(ConnectionResetError):
        await reader.read()


@asynccontextmanager
async def dawdling(
    port: int, beginning: bytes, connections: int, *, drip: Callable[[], bytes] = bytes
) -> AsyncIterator[list[float]]:
    """So many clients that begin and do not go on; how long each was borne with.

    With `drip` they go on, by so much a second.
    """
    borne: list[float] = []

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        begun = time.monotonic()
        writer.write(beginning)
        ended = tasks.create_task(_until_closed(reader))
        with suppress(OSError):
            while not ended.done():
                await asyncio.wait([ended], timeout=1)
                writer.write(drip())
        borne.append(time.monotonic() - begun)
        writer.close()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(connections):
            tasks.create_task(one())
        yield borne
