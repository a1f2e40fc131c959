"""The short way to a WebSocket's peer: the same messages as in the usual way, or none."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from tests.http.test_websocket import upgrade
from websockets.asyncio.client import connect
from websockets.frames import BINARY, Frame

from openrooms.http.heartbeats import Peer
from openrooms.http.limits import Limits
from openrooms.http.server import Server
from openrooms.http.websocket import LONGEST_TAKEN, SendAtOnce, send_at_once, take_at_once
from openrooms.kernel.clock import system_clock

pytestmark = pytest.mark.anyio

# Around where the head of a message grows (RFC 6455, section 5.2).
SIZES = (0, 1, 125, 126, 65_535, 65_536, 100_000)


@asynccontextmanager
async def serving(meet: Callable[[WebSocket, SendAtOnce], Awaitable[None]]) -> AsyncIterator[int]:
    """A server whose WebSockets are met so; its port."""

    async def talk(websocket: WebSocket) -> None:
        assert send_at_once(websocket.scope) is None
        await websocket.accept()
        send = send_at_once(websocket.scope)
        assert send is not None
        await meet(websocket, send)

    app = Starlette(routes=[WebSocketRoute("/talk", talk)])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with Server(app, clock=system_clock, limits=Limits(stall_seconds=60)) as server:
            server.listen([listener], None)
            yield listener.getsockname()[1]
            await server.drain(1)


def peer_behind(send: SendAtOnce) -> Peer:
    peer: Peer = getattr(send, "__self__")  # noqa: B009 - a callable need not have one
    return peer


async def test_messages_of_every_size_come_as_they_are_and_in_order(anyio_backend: str) -> None:
    async def meet(websocket: WebSocket, send: SendAtOnce) -> None:
        for size in SIZES:
            if not send(bytes(size)):
                await websocket.send_bytes(bytes(size))
            await websocket.send_bytes(b"between")
        await websocket.receive()

    async with serving(meet) as port, connect(f"ws://127.0.0.1:{port}/talk", proxy=None) as client:
        heard = [await client.recv() for _ in range(2 * len(SIZES))]

    assert heard[::2] == [bytes(size) for size in SIZES]
    assert set(heard[1::2]) == {b"between"}


async def test_whatever_a_peer_sends_shows_that_it_is_there(anyio_backend: str) -> None:
    async def meet(websocket: WebSocket, send: SendAtOnce) -> None:
        peer = peer_behind(send)
        peer.pinged, before = peer.heard, peer.heard
        await websocket.send_text("pinged")
        await websocket.receive_text()
        await websocket.send_text(f"{peer.heard > before} {peer.pinged}")

    async with serving(meet) as port, connect(f"ws://127.0.0.1:{port}/talk", proxy=None) as client:
        await client.recv()
        await client.send("here")

        assert await client.recv() == "True None"


async def test_to_who_has_closed_nothing_is_sent(anyio_backend: str) -> None:
    after: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def meet(websocket: WebSocket, send: SendAtOnce) -> None:
        await websocket.receive()
        peer_behind(send).ping()
        after.set_result(send(b"late"))

    async with serving(meet) as port, asyncio.timeout(10):
        async with connect(f"ws://127.0.0.1:{port}/talk", proxy=None):
            pass
        assert not await after


async def test_who_does_not_read_is_sent_nothing_more(anyio_backend: str) -> None:
    full: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def meet(websocket: WebSocket, send: SendAtOnce) -> None:
        while send(bytes(100_000)):
            pass
        full.set_result(None)
        await websocket.close()

    async with serving(meet) as port, asyncio.timeout(10):
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(upgrade("/talk"))
        await full
        writer.close()


async def test_short_messages_are_offered_before_they_are_received(anyio_backend: str) -> None:
    offered: list[bytes] = []
    received: list[object] = []
    done = asyncio.Event()

    def take(message: bytes) -> bool:
        offered.append(message)
        return message.startswith(b"taken")

    async def meet(websocket: WebSocket, send: SendAtOnce) -> None:
        take_at_once(websocket.scope, take)
        await websocket.send_bytes(b"ready")
        while (message := await websocket.receive())["type"] != "websocket.disconnect":
            received.append(message.get("bytes") or message.get("text"))
        done.set()

    said: list[str | bytes] = [
        b"taken 1",
        b"left 1",
        b"taken 2",
        bytes(LONGEST_TAKEN),
        "text",
        b"left 2",
        b"taken 3",
    ]
    async with serving(meet) as port, asyncio.timeout(10):
        async with connect(f"ws://127.0.0.1:{port}/talk", proxy=None) as client:
            await client.recv()
            for one in said:
                await client.send(one)
        await done.wait()

    left = [b"left 1", bytes(LONGEST_TAKEN), "text", b"left 2"]
    # What comes in one piece behind something long goes the usual way.
    assert [one for one in received if one in left] == left
    assert {*offered, *received} == {*said}
    assert len(received) + sum(one.startswith(b"taken") for one in offered) == len(said)


@pytest.mark.parametrize("cut", range(1, 40, 3))
async def test_what_comes_in_pieces_is_whole_all_the_same(anyio_backend: str, cut: int) -> None:
    said = [b"taken 1", b"left 1", b"taken 2", b"left 2"]
    heard: list[bytes] = []
    done = asyncio.Event()

    def take(message: bytes) -> bool:
        if message.startswith(b"left"):
            return False
        heard.append(message)
        return True

    async def meet(websocket: WebSocket, send: SendAtOnce) -> None:
        take_at_once(websocket.scope, take)
        while len(heard) < len(said):
            heard.append(await websocket.receive_bytes())
        done.set()

    frames = b"".join(Frame(BINARY, one).serialize(mask=True) for one in said)
    async with serving(meet) as port, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(upgrade("/talk"))
        await reader.readuntil(b"\r\n\r\n")
        for at in range(0, len(frames), cut):
            writer.write(frames[at : at + cut])
            await writer.drain()
        await done.wait()
        writer.close()

    assert sorted(heard) == sorted(said)
    assert [one for one in heard if one.startswith(b"left")] == [b"left 1", b"left 2"]


def test_a_server_of_another_kind_has_no_short_way() -> None:
    assert send_at_once({"type": "websocket"}) is None
    take_at_once({"type": "websocket"}, bool)
