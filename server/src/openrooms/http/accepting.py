"""Taking connections: who gets a place, and a TLS handshake that ends in time."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import TypeAlias

import structlog

from openrooms.http.admission import Admission, Place
from openrooms.http.connection import HttpConnection
from openrooms.http.filling import Filled, read_buffer
from openrooms.http.limits import Limits
from openrooms.http.seldom import Seldom
from openrooms.metrics import REFUSALS

log = structlog.get_logger(__name__)

# So that a flood of connections leaves time for requests.
MOST_AT_ONCE = 32
# After the system had no file or no memory left for another connection.
PAUSE_SECONDS = 0.5
SHUTDOWN_SECONDS = 5.0
FULL = (
    b"HTTP/1.1 503 ServiceUnavailable\r\n"
    b"content-length: 0\r\nretry-after: 1\r\nconnection: close\r\n\r\n"
)

Connect: TypeAlias = Callable[[Place], HttpConnection]


class Listener:
    """Takes the connections of one listening socket, in TLS or plain."""

    def __init__(
        self,
        listening: socket.socket,
        tls: ssl.SSLContext | None,
        connect: Connect,
        *,
        admission: Admission,
        limits: Limits,
        seldom: Seldom,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._socket = listening
        self._tls = tls
        self._connect = connect
        self._admission = admission
        self._limits = limits
        self._seldom = seldom
        self._tasks = tasks
        self._loop = asyncio.get_running_loop()
        self._buffer = read_buffer() if tls else None
        self._again: asyncio.TimerHandle | None = None
        self._welcoming: dict[asyncio.Task[None], HttpConnection] = {}

    def start(self) -> None:
        """Take connections from now on."""
        self._again = None
        self._loop.add_reader(self._socket.fileno(), self._accept)

    def stop(self) -> None:
        """Take no more, and close the socket."""
        if self._again is not None:
            self._again.cancel()
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket.fileno())
            self._socket.close()

    def abandon(self) -> None:
        """Wait for no handshake any more."""
        for task, connection in self._welcoming.items():
            if not connection.is_made:
                task.cancel()

    def _accept(self) -> None:
        for _ in range(MOST_AT_ONCE):
            try:
                taken, (address, *_) = self._socket.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:
                self._pause(error)
                return
            place = self._admission.admit(address)
            if place is None:
                self._turn_away(taken)
            else:
                connection = self._connect(place)
                task = self._tasks.create_task(self._welcome(taken, connection, place))
                self._welcoming[task] = connection
                task.add_done_callback(self._welcoming.pop)

    def _pause(self, error: OSError) -> None:
        """The system has nothing left for another connection: let some end first."""
        self._seldom.warn("connection_not_accepted", reason=error.strerror)
        self._loop.remove_reader(self._socket.fileno())
        self._again = self._loop.call_later(PAUSE_SECONDS, self.start)

    def _turn_away(self, taken: socket.socket) -> None:
        REFUSALS.labels("TooManyConnections").inc()
        self._seldom.warn("too_many_connections", open=self._admission.open)
        with taken:
            taken.setblocking(False)  # noqa: FBT003 - named so by the standard library
            if self._tls is None:
                try:
                    taken.send(FULL)
                except OSError:
                    # It has gone by itself.
                    return

    async def _welcome(
        self, taken: socket.socket, connection: HttpConnection, place: Place
    ) -> None:
        try:
            taken.setblocking(False)  # noqa: FBT003 - named so by the standard library
            taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            filled = Filled(connection, self._buffer) if self._buffer else connection
            await self._loop.connect_accepted_socket(
                lambda: filled,
                taken,
                ssl=self._tls,
                ssl_handshake_timeout=self._limits.handshake_seconds if self._tls else None,
                ssl_shutdown_timeout=SHUTDOWN_SECONDS if self._tls else None,
            )
        except OSError as error:
            self._drop(taken, place)
            self._tell(error)
        except asyncio.CancelledError:
            self._drop(taken, place)
            raise
        except Exception:
            # The top of a task: one connection that fails is no other's concern.
            self._drop(taken, place)
            log.exception("connection_failed")

    def _drop(self, taken: socket.socket, place: Place) -> None:
        place.leave()
        taken.close()

    def _tell(self, error: OSError) -> None:
        """Say why a connection came to nothing."""
        REFUSALS.labels("Handshake").inc()
        if not isinstance(error, ssl.SSLError):
            # It has gone, or took too long.
            return
        if error.reason == "HTTP_REQUEST":
            self._seldom.warn("plain_http_on_tls_port", advice="use https:// for this port")
        else:
            self._seldom.warn("tls_handshake_failed", reason=error.reason)
