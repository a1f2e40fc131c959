"""The HTTP server: one application behind several listeners, and an orderly end."""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import structlog
from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.server import ServerState

from openrooms.http.accepting import Listener
from openrooms.http.admission import Admission, Place
from openrooms.http.apis import Apis
from openrooms.http.connection import HttpConnection
from openrooms.http.dates import HttpDates
from openrooms.http.heartbeats import Heartbeats
from openrooms.http.limits import Limits
from openrooms.http.seldom import Seldom
from openrooms.http.websocket import WebSocketConnection
from openrooms.kernel.clock import Clock
from openrooms.metrics import CONNECTIONS

log = structlog.get_logger(__name__)


class Server:
    """Serves one application on every listener it is given, while its context is open.

    Requests to the server APIs go to `apis` at once, if they are given. Handles no signals.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        clock: Clock,
        limits: Limits | None = None,
        apis: Apis | None = None,
    ) -> None:
        self._apis = apis
        self._dates = HttpDates(clock)
        self._limits = limits or Limits()
        self._state = ServerState()
        self._config = _configure(app, self._limits)
        self._admission = Admission(self._limits)
        self._seldom = Seldom()
        self._heartbeats = Heartbeats(self._limits)
        self._listeners: list[Listener] = []
        self._tasks = asyncio.TaskGroup()
        CONNECTIONS.set_function(lambda: self._admission.open)

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop_accepting()
        for listener in self._listeners:
            listener.abandon()
        for connection in list(self._state.connections):
            connection.transport.abort()
        await self._tasks.__aexit__(kind, error, trace)

    @property
    def connections(self) -> int:
        """How many connections are open: those with a client at the other end."""
        return len(self._state.connections)

    @property
    def places(self) -> int:
        """How many places are taken, by those too whose handshake is not done."""
        return self._admission.open

    @property
    def busy(self) -> int:
        """How many requests and WebSockets are being served."""
        return len(self._state.tasks)

    def listen(self, sockets: Sequence[socket.socket], tls: ssl.SSLContext | None) -> None:
        """Serve on these sockets from now on. They are closed with the first `stop_accepting`."""
        for one in sockets:
            one.setblocking(False)  # noqa: FBT003 - named so by the standard library
            listener = Listener(
                one,
                tls,
                self._connect,
                admission=self._admission,
                limits=self._limits,
                seldom=self._seldom,
                tasks=self._tasks,
            )
            listener.start()
            self._listeners.append(listener)

    def stop_accepting(self) -> None:
        """Take no new connections. Those that are open go on."""
        for listener in self._listeners:
            listener.stop()

    async def drain(self, grace: float) -> None:
        """Close every connection when its running request has ended, or after `grace` seconds."""
        self.stop_accepting()
        for listener in self._listeners:
            listener.abandon()
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

    def _connect(self, place: Place) -> HttpConnection:
        return HttpConnection(
            self._config,
            self._state,
            place,
            limits=self._limits,
            dates=self._dates,
            seldom=self._seldom,
            heartbeats=self._heartbeats,
            apis=self._apis,
        )


def _configure(app: ASGIApp, limits: Limits) -> Config:
    config = Config(
        app,
        http=HttpConnection,
        ws=WebSocketConnection,
        ws_per_message_deflate=False,
        ws_max_size=limits.message,
        # Who is still there `Heartbeats` finds out.
        ws_ping_interval=None,
        ws_ping_timeout=None,
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
