"""One WebSocket connection: uvicorn's protocol, bounded like our HTTP."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from uvicorn import Config
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame
from websockets.http11 import Request

from openrooms.http.admission import Place
from openrooms.http.heartbeats import Heartbeats
from openrooms.http.limits import Limits
from openrooms.kernel.clock import monotonic
from openrooms.kernel.websocket_frames import EMPTY_PING, Taker, binary_head, is_between, short

# More than this is no mere sign of life.
LONGEST_TAKEN = 256
# The close code of a keep-alive that was not answered.
SILENT = 1011

# Sends a binary message at once; False when it has to be sent in the usual way, and may have to wait.
SendAtOnce: TypeAlias = Callable[[bytes], bool]
AT_ONCE = "openrooms.send_at_once"


def send_at_once(scope: Mapping[str, Any]) -> SendAtOnce | None:
    """The short way to an open WebSocket's peer, if its server has one: no task has to run for it."""
    way: SendAtOnce | None = scope.get("extensions", {}).get(AT_ONCE, {}).get("send")
    return way


def take_at_once(scope: Mapping[str, Any], taker: Taker) -> None:
    """Offer a peer's short messages to `taker`.

    It takes one in the moment in which it comes, before those that wait to be received; or says that it
    does not, and then it is received. A server may do without.
    """
    offer = scope.get("extensions", {}).get(AT_ONCE, {}).get("offer")
    if offer is not None:
        offer(taker)


class WebSocketConnection(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, whose request target may be as long as the limits say.

    The handshake's own reader takes lines of 8 KiB and hangs beyond. The target was read and
    checked before; the reader gets a short one, and the application the true one.
    """

    def __init__(
        self,
        config: Config,
        state: ServerState,
        place: Place,
        *,
        target: bytes,
        limits: Limits,
        heartbeats: Heartbeats,
    ) -> None:
        super().__init__(config, state, {})
        self.heard = 0.0
        self.pinged: float | None = None
        self._taker: Taker | None = None
        self._place = place
        self._heartbeats = heartbeats
        self._target = target
        self._stall_seconds = limits.stall_seconds
        self._stall: asyncio.TimerHandle | None = None
        self.conn.max_message_size = limits.message_limit(target)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(replace(event, path=self._target.decode("ascii")))
        # It is long, and the connection may last for hours; the application has it.
        self.request, self._target = event, b""

    def send_receive_event_to_app(self) -> None:
        super().send_receive_event_to_app()
        self.frames = []

    def data_received(self, data: bytes) -> None:
        self.heard, self.pinged = monotonic(), None
        rest = self._after_signs_of_life(data)
        if rest:
            super().data_received(rest)

    def _after_signs_of_life(self, data: bytes) -> bytes:
        """What is left of what came when all that can be done with at once is."""
        if len(data) > LONGEST_TAKEN or self.close_sent or not is_between(self.conn):
            return data
        while (one := short(data)) is not None:
            message, rest = one
            if message is not None and (self._taker is None or not self._taker(message)):
                break
            data = rest
        return data

    async def send(self, message: ASGISendEvent) -> None:
        await super().send(message)
        is_last = not message.get("more_body", False)
        if message["type"] == "websocket.http.response.body" and is_last:
            # A refusal is an answer; uvicorn would write an error into the log.
            self.handshake_complete = True

    def handle_pong(self, event: Frame) -> None:
        """It was heard."""

    def send_at_once(self, message: bytes) -> bool:
        """Send a binary message, unless the peer is gone or has to read what was sent before."""
        is_over = self.close_sent or self.disconnected or self.transport.is_closing()
        if is_over or not self.writable.is_set():
            return False
        self.transport.write(binary_head(len(message)) + message)
        return True

    def offer(self, taker: Taker) -> None:
        """See `take_at_once`."""
        self._taker = taker

    # how it is known that the peer is there

    def start_keepalive(self) -> None:
        """It is open."""
        self.scope["extensions"][AT_ONCE] = {"send": self.send_at_once, "offer": self.offer}
        self._heartbeats.add(self)

    def stop_keepalive(self) -> None:
        self._heartbeats.discard(self)

    def ping(self) -> None:
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(EMPTY_PING)

    def give_up(self) -> None:
        """The peer is silent: say so to the application, which would hear of a close otherwise."""
        self.queue.put_nowait({"type": "websocket.disconnect", "code": SILENT})
        self.keepalive_timeout()
        # It will not read our goodbye either.
        self.transport.abort()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stall = self.loop.call_later(self._stall_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._read_again()

    def connection_lost(self, exc: Exception | None) -> None:
        self._place.leave()
        self._read_again()
        super().connection_lost(exc)

    def _read_again(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None
