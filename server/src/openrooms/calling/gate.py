"""The media gate: the only way to the engine's signalling.

A client opens it with the ticket of its leg, and nothing else. On every connect the gate reads the
leg from the database, connects to the engine with a token minted for just this connection and the
grants of the leg's role now, and reads the leg's version again before the first byte goes down: a
removal or a demotion that fell in between is carried out first. Then it passes messages, each way
through the engine adapter's filter.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl

import structlog
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from openrooms.calling import wire
from openrooms.calling.closing import (
    GOING_AWAY,
    LEG_OVER,
    NOT_ALLOWED,
    TOO_MUCH,
    Closing,
    close,
    first_of,
    link_after,
    strongest,
)
from openrooms.calling.errors import BadMessage, CallingError, LegOver, SignedOut, TryAgain
from openrooms.calling.memory import LegMemory
from openrooms.calling.model import Leg
from openrooms.calling.passages import Passage, Passages
from openrooms.calling.tickets import Entering, NotEntered
from openrooms.calling.vitals import Link
from openrooms.calling.watches import Watches
from openrooms.http.websocket import send_at_once, take_at_once
from openrooms.media.engine import Engine, Seat, Upstream
from openrooms.media.errors import EngineAway, MessageRefused
from openrooms.storage.errors import DatabaseAway

log = structlog.get_logger(__name__)

SEND_SECONDS = 15.0
FIRST_SECONDS = 10.0
TRIES = 20
PAUSE = 0.1

# What keeps a client out, each with its answer.
_Refused = (CallingError, EngineAway, MessageRefused, DatabaseAway)


@dataclass(slots=True)
class Way:
    """An open connection to the engine, after its first message."""

    upstream: Upstream
    rest: AsyncIterator[bytes]
    _first: bytes

    def take_first(self) -> bytes:
        """The first message, which names everybody in the call: nothing keeps it once it is sent."""
        first, self._first = self._first, b""
        return first


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets the owners of live legs through to the engine."""

    legs: LegMemory
    engine: Engine
    watches: Watches
    passages: Passages
    entering: Entering

    async def validate(self, request: Request) -> Response:
        """What livekit-client asks when its WebSocket was refused: the reason."""
        try:
            leg = await self._leg(request)
            await self.engine.open_room(leg.call_id)
        except _Refused as error:
            return refusal(error)
        except NotEntered:
            return refusal(SignedOut())
        return Response("success")

    async def serve(self, websocket: WebSocket) -> None:
        """One media connection, from the upgrade on."""
        try:
            passage = Passage(await self._leg(websocket))
            self.passages.add(passage)
            # A connect that is under way, held or not, is a client that comes back.
            self.watches.gate(passage.leg_id, Link.OPEN)
        except _Refused as error:
            await websocket.send_denial_response(refusal(error))
            return
        except NotEntered:
            # A refusal would be an error in the browser's console, of a connection that nobody misses.
            await websocket.accept()
            await close(websocket, NOT_ALLOWED)
            return
        link = Link.LOST
        try:
            link = await self._serve(websocket, passage)
        finally:
            passage.settled.set()
            if not self.passages.remove(passage):
                self.watches.gate(passage.leg_id, link)

    async def _leg(self, connection: HTTPConnection) -> Leg:
        pairs = parse_qsl(_query(connection), keep_blank_values=True)
        tickets = [value for name, value in pairs if name == "access_token"]
        if len(tickets) != 1:
            raise SignedOut
        await self.entering.decided(tickets[0])
        leg = await self.legs.of_ticket(tickets[0])
        self.passages.knock(leg.raw_id)
        return leg

    async def _serve(self, websocket: WebSocket, passage: Passage) -> Link:
        try:
            async with self._admitted(passage, websocket) as way:
                await websocket.accept()
                await websocket.send_bytes(way.take_first())
                return await self._splice(websocket, way, passage)
        except _Refused as error:
            if websocket.application_state is WebSocketState.CONNECTING:
                await websocket.send_denial_response(refusal(error))
            return Link.LOST
        except WebSocketDisconnect as gone:
            return link_after(gone)

    @asynccontextmanager
    async def _admitted(self, passage: Passage, websocket: WebSocket) -> AsyncIterator[Way]:
        """A connection to the engine that is right for the leg as it is now."""
        async with AsyncExitStack() as opened:
            with self.watches.held(passage.leg_id):
                leg = await self._live(passage.leg_id)
                passage.grants = leg.grants
                connecting = self.engine.connect(_seat(leg), _query(websocket))
                upstream = await opened.enter_async_context(connecting)
                messages = upstream.messages()
                way = Way(upstream, messages, await _first(messages))
                await self._make_true(leg, passage)
            passage.settled.set()
            yield way

    async def _live(self, leg_id: str) -> Leg:
        leg = await self.legs.leg(leg_id)
        if leg is None:
            raise SignedOut
        if leg.end is not None:
            raise LegOver(leg.end.code, leg.end.sub_code, leg.end.message)
        return leg

    async def _make_true(self, leg: Leg, passage: Passage) -> None:
        """Carry out what changed while the engine was being connected to."""
        version = leg.version
        for _ in range(TRIES):
            now = await self.legs.leg(leg.id)
            if now is None or now.end is not None:
                break
            if passage.is_cut:
                raise TryAgain
            if now.version == version:
                return
            passage.grants = now.grants
            if await self.engine.permit(now.call_id, now.seat, now.grants, name=now.display_name):
                version = now.version
            else:
                await asyncio.sleep(PAUSE)
        # Of a room that it closes at this moment the engine says nothing, for seconds. He is not let in
        # all the same, and hears why; what is left of him there the reconciler finds.
        with suppress(EngineAway):
            await self._put_out(leg)
        await self._live(leg.id)
        raise TryAgain

    async def _put_out(self, leg: Leg) -> None:
        # Right after a connect the engine may not know the participant yet.
        for _ in range(TRIES):
            if await self.engine.remove(leg.call_id, leg.seat):
                return
            await asyncio.sleep(PAUSE)

    async def _splice(self, websocket: WebSocket, way: Way, passage: Passage) -> Link:
        code, link = GOING_AWAY, Link.LOST
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_down(way, websocket, self.watches))
                tasks.create_task(self._up(websocket, way.upstream, passage))
                tasks.create_task(passage.until_cut())
        except* Closing as closing:
            code = strongest(closing)
            if code == TOO_MUCH:
                log.info("gate_too_much", leg=passage.leg_id)
        except* WebSocketDisconnect as gone:
            link = link_after(first_of(gone))
        except* MessageRefused:
            log.info("gate_message_refused", leg=passage.leg_id)
            code = NOT_ALLOWED
        except* EngineAway:
            code = GOING_AWAY
        await close(websocket, await self._meant(code, passage.leg_id))
        return link

    async def _up(self, websocket: WebSocket, upstream: Upstream, passage: Passage) -> None:
        allowance = self.passages.allowance(passage)

        def take(message: bytes) -> bool:
            return upstream.pass_sign_of_life(message, lambda: allowance.take(len(message)))

        take_at_once(websocket.scope, take)
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message["code"])
            data = message.get("bytes")
            if not isinstance(data, bytes):
                raise Closing(NOT_ALLOWED)
            if not allowance.take(len(data)):
                raise Closing(TOO_MUCH)
            weight = await upstream.send(data, passage.grants)
            if weight > 1 and not allowance.messages.take(weight - 1):
                raise Closing(TOO_MUCH)
            # The next may come in an hour only.
            del message, data

    async def _meant(self, code: int, leg_id: str) -> int:
        """The engine closes before we do when it was told to put someone out: that is no restart."""
        if code != GOING_AWAY:
            return code
        try:
            leg = await self.legs.leg(leg_id)
        except DatabaseAway:
            return code
        return LEG_OVER if leg is None or leg.end is not None else code


def _query(connection: HTTPConnection) -> str:
    """What was asked for. A connection remembers its whole URL, in parts as well, once that was read."""
    query: bytes = connection.scope["query_string"]
    return query.decode("latin-1")


def refusal(error: Exception) -> Response:
    """The answer to a client that is not let through, with the code that its call ends with."""
    told = _told(error)
    away = isinstance(told, TryAgain)
    return Response(
        wire.encode_refusal(told),
        status_code=503 if away else 403,
        media_type="application/json",
        headers={"Retry-After": "1"} if away else None,
    )


def _told(error: Exception) -> CallingError:
    if isinstance(error, CallingError):
        return error
    if isinstance(error, MessageRefused):
        return BadMessage("The request asks for what this participant may not have.")
    return TryAgain()


def _seat(leg: Leg) -> Seat:
    attributes = {"openrooms.role": wire.role_text(leg.role)}
    return Seat(leg.call_id, leg.seat, leg.display_name, attributes, leg.grants)


async def _first(messages: AsyncIterator[bytes]) -> bytes:
    """The engine's first message: from here on it knows the participant."""
    try:
        async with asyncio.timeout(FIRST_SECONDS):
            return await anext(messages)
    except (TimeoutError, StopAsyncIteration) as error:
        raise EngineAway from error


async def _down(way: Way, websocket: WebSocket, watches: Watches) -> None:
    def look(message: bytes) -> None:
        # While it matters what the engine hears of somebody, all that it says is looked into.
        if watches.doubts:
            watches.hear(way.upstream.judged(message))

    def take(message: bytes) -> bool:
        look(message)
        return send is not None and send(message)

    send = send_at_once(websocket.scope)
    if send is not None:
        way.upstream.offer(take)
    async for message in way.rest:
        look(message)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await websocket.send_bytes(message)
        except TimeoutError as error:
            raise Closing(TOO_MUCH) from error
        # Nothing keeps it: it may be large, and the next may come this way in an hour only.
        del message
    raise Closing(GOING_AWAY)
