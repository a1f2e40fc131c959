"""Opening the engine's signalling for a seat: patiently while it is away, and some at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol, cast

import structlog
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, InvalidMessage, InvalidStatus

from openrooms.media.engine import Seat
from openrooms.media.errors import EngineAway
from openrooms.media.livekit.line import EngineLine
from openrooms.media.livekit.tokens import Minter
from openrooms.media.livekit.twirp import RoomService

log = structlog.get_logger(__name__)

# How long a connect is held while the engine is down or starting. A client gives up after 15 s.
HOLD_SECONDS = 10.0
DIAL_SECONDS = 5.0
CLOSE_SECONDS = 1.0
RETRY_SECONDS = 0.1
# How many connections the engine opens at once; all others wait here, in turn. What it has begun it goes on
# with, also for a client that gave up: it would put out, as a double, who came back meanwhile.
MOST_OPENING = 8
# A join answer with 400 participants of 4 KiB attributes each.
LARGEST_ANSWER = 4 * 1024 * 1024


class Whereabouts(Protocol):
    """Knows where the engine is."""

    async def ready(self, *, within: float) -> str:
        """The engine's URL once it is ready. Raises `EngineAway` after `within` seconds."""


class Dialer:
    """Opens connections to the engine. Made for one engine, and shared by all who connect to it."""

    def __init__(self, where: Whereabouts, tokens: Minter, service: RoomService) -> None:
        self._where = where
        self._tokens = tokens
        self._service = service
        self._opening = asyncio.Semaphore(MOST_OPENING)

    async def dial(self, seat: Seat, query: str) -> EngineLine:
        """A connection for the seat, in a room that exists; held while the engine is away."""
        try:
            async with asyncio.timeout(HOLD_SECONDS + DIAL_SECONDS):
                while True:
                    url = await self._where.ready(within=HOLD_SECONDS)
                    socket = await self._try(url, seat, query)
                    if socket is not None:
                        return socket
                    await asyncio.sleep(RETRY_SECONDS)
        except TimeoutError as error:
            raise EngineAway("the engine does not take connections") from error

    async def _try(self, url: str, seat: Seat, query: str) -> EngineLine | None:
        """None when another try may do: the engine went away, the room was closed, a clock is off."""
        try:
            async with self._turn():
                socket = await self._open(url, seat, query)
                # Only the first of a call finds no room: all others need not wait for its making.
                if socket is None and await self._make_room(seat.room):
                    socket = await self._open(url, seat, query)
        except TimeoutError as error:
            raise EngineAway("the engine did not open a connection in time") from error
        except (OSError, EOFError, InvalidHandshake, InvalidMessage):
            return None
        return socket

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """A place among those that the engine opens at once. Raises `EngineAway` where that takes too long."""
        try:
            async with asyncio.timeout(HOLD_SECONDS):
                await self._opening.acquire()
        except TimeoutError as error:
            raise EngineAway("the engine has too many connections to open") from error
        try:
            yield
        finally:
            self._opening.release()

    async def _make_room(self, name: str) -> bool:
        try:
            await self._service.create_room(name)
        except EngineAway:
            return False
        return True

    async def _open(self, url: str, seat: Seat, query: str) -> EngineLine | None:
        """None when there is no such room, or the token is not valid yet by the engine's clock."""
        try:
            opened = await connect(
                f"{url.replace('http', 'ws', 1)}/rtc/v1?{query}",
                # Not in the URL: that is what programs write into their logs.
                additional_headers={"Authorization": f"Bearer {self._tokens.join(seat)}"},
                user_agent_header=None,
                compression=None,
                proxy=None,
                max_size=LARGEST_ANSWER,
                open_timeout=DIAL_SECONDS,
                close_timeout=CLOSE_SECONDS,
                ping_interval=None,
                create_connection=EngineLine,
            )
        except InvalidStatus as refused:
            self._tokens.learn(refused.response.headers.get("Date"))
            status = refused.response.status_code
            if status in {401, 404}:
                return None
            log.warning("engine_refused_connection", room=seat.room, status=status)
            raise EngineAway(f"the engine refused a connection with {status}") from None
        line = cast("EngineLine", opened)
        # It is long, and the connection may last for hours.
        line.request = None
        return line
