"""The HTTP server: one application behind several listeners, and an orderly end."""

import asyncio
import socket
import ssl
from collections.abc import Sequence

import structlog
from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.server import ServerState

from openrooms.http.connection import HttpConnection, WebSocketConnection
from openrooms.http.limits import Limits
from openrooms.http.listening import BACKLOG
from openrooms.kernel.clock import Clock
from openrooms.metrics import CONNECTIONS

log = structlog.get_logger(__name__)

HANDSHAKE_SECONDS = 10


class Server:
    """Serves one application on every listener it is given. Handles no signals."""

    def __init__(self, app: ASGIApp, *, clock: Clock, limits: Limits | None = None) -> None:
        self._clock = clock
        self._limits = limits or Limits()
        self._state = ServerState()
        self._config = _configure(app, self._limits)
        self._listeners: list[asyncio.Server] = []
        CONNECTIONS.set_function(lambda: len(self._state.connections))

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._state.connections)

    @property
    def busy(self) -> int:
        """How many requests and WebSockets are being served."""
        return len(self._state.tasks)

    async def listen(self, sockets: Sequence[socket.socket], tls: ssl.SSLContext | None) -> None:
        """Serve on these sockets from now on. They are closed with the first `stop_accepting`."""
        loop = asyncio.get_running_loop()
        for one in sockets:
            listener = await loop.create_server(
                self._connect,
                sock=one,
                ssl=tls,
                backlog=BACKLOG,
                ssl_handshake_timeout=HANDSHAKE_SECONDS if tls else None,
            )
            self._listeners.append(listener)

    def stop_accepting(self) -> None:
        """Take no new connections. Those that are open go on."""
        for listener in self._listeners:
            listener.close()

    async def drain(self, grace: float) -> None:
        """Close every connection when its running request has ended, or after `grace` seconds."""
        self.stop_accepting()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            await asyncio.wait(list(self._state.tasks), timeout=grace)
        late = list(self._state.tasks)
        for task in late:
            task.cancel()
        if late:
            log.warning("requests_cut_short", count=len(late))
            await asyncio.wait(late, timeout=grace)
        for connection in list(self._state.connections):
            connection.transport.abort()

    def _connect(self) -> HttpConnection:
        return HttpConnection(self._config, self._state, limits=self._limits, clock=self._clock)


def _configure(app: ASGIApp, limits: Limits) -> Config:
    config = Config(
        app,
        http=HttpConnection,
        ws=WebSocketConnection,
        ws_per_message_deflate=False,
        ws_max_size=limits.message,
        ws_ping_interval=limits.ping_seconds,
        ws_ping_timeout=limits.pong_seconds,
        timeout_keep_alive=limits.keep_alive_seconds,
        workers=1,
        interface="asgi3",
        lifespan="off",
        log_config=None,
        # At `info` it writes request targets, and with them tickets.
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
    )
    config.load()
    return config
