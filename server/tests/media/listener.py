"""A small HTTP listener: keeps what the engine reports, or gives an answer that a test wants."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

SECONDS = 10.0
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came."""

    path: str
    authorization: str
    body: bytes


@dataclass(slots=True)
class Listener:
    """Takes requests and answers each with the next of `answers`; the last one holds."""

    answers: Sequence[bytes] = (OK,)
    url: str = ""
    taken: list[Request] = field(default_factory=list)
    _came: asyncio.Queue[Request] = field(default_factory=asyncio.Queue)

    async def next(self) -> Request:
        """The next request that came."""
        async with asyncio.timeout(SECONDS):
            return await self._came.get()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode().split("\r\n")
                named = dict(line.lower().split(": ", 1) for line in lines if line)
                plain = dict(line.split(": ", 1) for line in lines if line)
                body = await reader.readexactly(int(named.get("content-length", "0")))
                request = Request(first.split()[1], plain.get("Authorization", ""), body)
                answer = self.answers[min(len(self.taken), len(self.answers) - 1)]
                self.taken.append(request)
                self._came.put_nowait(request)
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def listening(*answers: bytes) -> AsyncIterator[Listener]:
    listener = Listener(answers or (OK,))
    server = await asyncio.start_server(listener.serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        listener.url = f"http://127.0.0.1:{port}/engine/v1/events"
        yield listener
