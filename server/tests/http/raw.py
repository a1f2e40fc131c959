"""Speaking to a server byte by byte, for tests."""

import asyncio
import ssl
from collections.abc import Callable


async def exchange(
    port: int, *parts: bytes, tls: ssl.SSLContext | None = None, within: float = 5
) -> bytes:
    """Send the parts, and read until the server closes."""
    async with asyncio.timeout(within):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.close()


async def answer_to(port: int, request: bytes, *, tls: ssl.SSLContext | None = None) -> bytes:
    """Send a request and read the head of its answer."""
    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
        try:
            writer.write(request)
            return await reader.readuntil(b"\r\n\r\n")
        finally:
            writer.close()


def status_of(answer: bytes) -> int:
    """The status of an answer; 0 when the connection was closed without one."""
    return int(answer.split(b" ", 2)[1]) if answer else 0


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so, for five seconds at most."""
    loop, seen = asyncio.get_running_loop(), asyncio.Event()

    def look() -> None:
        if condition():
            seen.set()
        else:
            loop.call_later(0.01, look)

    look()
    async with asyncio.timeout(5):
        await seen.wait()
