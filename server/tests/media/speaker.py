"""Somebody who really speaks at the engine: the program that has calls with itself, parted from itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

import openrooms_engine
from openrooms.media.engine import Engine, Grants, Seat, Upstream
from openrooms.media.errors import EngineAway
from openrooms.media.probe import Probe, Way
from openrooms.media.ways import Ways

SPEAKS, LISTENS = "speaks", "listens"
# Longer than any test: who listens is in another room, and hears nothing.
SECONDS = 60.0
OPENS_WITHIN = 10.0


@asynccontextmanager
async def speaker(engine: Engine, wanted: Seat) -> AsyncIterator[Upstream]:
    """Sound is sent in the seat for as long as this is open. Gives its signalling, to say more by it."""
    elsewhere = replace(wanted, room=str(uuid4()))
    opened: asyncio.Future[Upstream] = asyncio.get_running_loop().create_future()

    async def gate(socket: ServerConnection) -> None:
        assert socket.request is not None
        query = urlsplit(socket.request.path).query
        speaks = parse_qs(query)["access_token"] == [SPEAKS]
        seat = wanted if speaks else elsewhere
        async with engine.connect(seat, query) as upstream, asyncio.TaskGroup() as tasks:
            if speaks:
                opened.set_result(upstream)
            tasks.create_task(_up(socket, upstream, seat.grants))
            with suppress(ConnectionClosed):
                async for message in upstream.messages():
                    await socket.send(message)
            await socket.close()

    probe = Probe(openrooms_engine.probe())
    async with serve(gate, "127.0.0.1", 0) as server, asyncio.TaskGroup() as tasks:
        port = server.sockets[0].getsockname()[1]
        order = Way(f"ws://127.0.0.1:{port}", Ways()).order([SPEAKS, LISTENS], seconds=SECONDS)
        call = tasks.create_task(probe.call(order, seconds=SECONDS))
        try:
            async with asyncio.timeout(OPENS_WITHIN):
                upstream = await opened
            yield upstream
        finally:
            call.cancel()
            await probe.close()
    await engine.close_room(elsewhere.room)


async def _up(socket: ServerConnection, upstream: Upstream, grants: Grants) -> None:
    with suppress(ConnectionClosed, EngineAway):
        async for message in socket:
            assert isinstance(message, bytes)
            await upstream.send(message, grants)
    await upstream.close()
