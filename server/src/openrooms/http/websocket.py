"""One WebSocket connection: uvicorn's protocol, bounded like our HTTP."""

import asyncio
from dataclasses import replace

from uvicorn import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.http11 import Request

from openrooms.http.admission import Place
from openrooms.http.limits import Limits

# The close code of a keep-alive that was not answered.
SILENT = 1011


class WebSocketConnection(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, whose request target may be as long as the limits say.

    The handshake's own reader takes lines of 8 KiB and hangs beyond. The target was read and
    checked before; the reader gets a short one, and the application the true one.
    """

    def __init__(
        self, config: Config, state: ServerState, place: Place, *, target: bytes, limits: Limits
    ) -> None:
        super().__init__(config, state, {})
        self._place = place
        self._target = target
        self._stall_seconds = limits.stall_seconds
        self._stall: asyncio.TimerHandle | None = None
        self.conn.max_message_size = limits.message_limit(target)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(replace(event, path=self._target.decode("ascii")))

    def keepalive_timeout(self) -> None:
        """The peer is silent: say so to the application, which would hear of a close otherwise."""
        self.queue.put_nowait({"type": "websocket.disconnect", "code": SILENT})
        super().keepalive_timeout()
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
