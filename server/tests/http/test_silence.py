"""A WebSocket peer that falls silent, or does not read, is given up, and told from one that closed."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from tests.http.test_websocket import upgrade

from openrooms.http.limits import Limits
from openrooms.http.server import Server
from openrooms.http.websocket import SILENT
from openrooms.kernel.clock import system_clock
from openrooms.kernel.websocket_frames import EMPTY_PING, client_pong

pytestmark = pytest.mark.anyio

IMPATIENT = Limits(ping_seconds=0.05, pong_seconds=0.05, stall_seconds=0.1)


@asynccontextmanager
async def meeting(
    limits: Limits, *, flood: bool = False
) -> AsyncIterator[tuple[int, asyncio.Future[int]]]:
    """A server whose WebSocket says with which code it ended: its port, and the code to come."""
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def meet(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while flood:
                await websocket.send_bytes(bytes(1_000_000))
            await websocket.receive_text()
        except (WebSocketDisconnect, RuntimeError) as gone:
            ended.set_result(getattr(gone, "code", 0))

    app = Starlette(routes=[WebSocketRoute("/talk", meet)])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with Server(app, clock=system_clock, limits=limits) as server:
            server.listen([listener], None)
            yield listener.getsockname()[1], ended
            await server.drain(1)


async def test_a_peer_that_answers_no_ping_is_silent(anyio_backend: str) -> None:
    async with meeting(IMPATIENT) as (port, ended), asyncio.timeout(10):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(upgrade("/talk"))

        assert await ended == SILENT
        writer.close()


async def test_a_peer_that_answers_is_asked_again(anyio_backend: str) -> None:
    limits = Limits(ping_seconds=0.05, pong_seconds=60)
    async with meeting(limits) as (port, ended), asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(upgrade("/talk"))
        await reader.readuntil(b"\r\n\r\n")
        for _ in range(3):
            assert await reader.readexactly(len(EMPTY_PING)) == EMPTY_PING
            writer.write(client_pong())

        assert not ended.done()
        writer.close()
        await ended


async def test_a_peer_that_closes_is_not_silent(anyio_backend: str) -> None:
    async with meeting(Limits()) as (port, ended), asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(upgrade("/talk"))
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

        assert await ended != SILENT


async def test_a_peer_that_reads_nothing_is_cut(anyio_backend: str) -> None:
    limits = Limits(stall_seconds=0.1, ping_seconds=60)
    async with meeting(limits, flood=True) as (port, ended), asyncio.timeout(10):
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(upgrade("/talk"))

        await ended
        writer.close()
