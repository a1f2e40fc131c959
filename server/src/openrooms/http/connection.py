"""One HTTP connection: uvicorn's protocol, with limits on what it takes and how long it waits."""

import asyncio
import sys
from dataclasses import replace

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.http11 import Request

from openrooms.http.addresses import client_behind, is_within
from openrooms.http.admission import Place
from openrooms.http.dates import format_http_date
from openrooms.http.deadlines import Deadline
from openrooms.http.errors import (
    BodyTimeout,
    BodyTooLarge,
    HeadersTooLarge,
    HttpError,
    Unframed,
)
from openrooms.http.framing import (
    OVERHEAD,
    check_head,
    check_header,
    check_length,
    check_target,
    refusal,
)
from openrooms.http.joining import JoinedTransport
from openrooms.http.limits import Limits
from openrooms.http.problems import ROOMS, encode_problem, problem_of
from openrooms.http.seldom import Seldom
from openrooms.kernel.clock import Clock, monotonic
from openrooms.metrics import REFUSALS

# The close code of a keep-alive that was not answered.
SILENT = 1011
# With this byte every TLS handshake begins, and no request.
TLS_HELLO = 0x16


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


class HttpConnection(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 connection, bounded in size and time."""

    def __init__(
        self,
        config: Config,
        state: ServerState,
        place: Place,
        *,
        limits: Limits,
        clock: Clock,
        seldom: Seldom,
    ) -> None:
        super().__init__(config, state, {})
        self._place = place
        self._limits = limits
        self._clock = clock
        self._seldom = seldom
        self._refused = False
        self._deadline = Deadline(self.loop, self._give_up)
        self._stall: asyncio.TimerHandle | None = None
        # Closing waits until all is read; who does not read is cut off then.
        self._ending = Deadline(self.loop, self._cut)
        self._reading_head = True
        self._head_begun = False
        self._speaks_for_others = False
        self._head_size = 0
        self._headers_size = 0
        self._body_size = 0
        self._body_until = 0.0
        self._requests = 0

    # the connection

    @property
    def is_made(self) -> bool:
        """Whether there is anybody at the other end yet: not before a TLS handshake is done."""
        return self.transport is not None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._plain = transport
        self.transport = JoinedTransport(transport, self.loop)
        address = self.client[0] if self.client else ""
        self._speaks_for_others = is_within(address, self._limits.trusted_proxies)
        self._deadline.set(self._limits.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._place.leave()
        self._deadline.close()
        self._ending.close()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        if self._reading_head and not self._deadline.is_set:
            self._deadline.set(self._limits.head_seconds)
        if self._reading_head:
            if self._head_size == 0 and data[0] == TLS_HELLO:
                self._seldom.warn("tls_on_plain_port", advice="use http:// for this port")
            self._head_size += len(data)
        super().data_received(data)
        if self._head_begun and not self._deadline.is_set:
            # The beginning of a request that came with the end of another.
            self._deadline.set(self._limits.head_seconds)
        # A header that never ends is told to nobody before it does.
        if self._reading_head and self._head_size > self._limits.headers + self._limits.long_target:
            self._refuse(HeadersTooLarge())

    # what the parser tells; what is raised here ends the connection by `send_400_response`

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_begun = True

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        check_target(self.url, self._limits)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._reading_head:
            # What stands behind a body in chunks is counted, and told to nobody.
            super().on_header(name, value)
        size = len(name) + len(value) + OVERHEAD
        self._headers_size += size
        check_header(size, self._headers_size, len(self.headers), limits=self._limits)

    def on_headers_complete(self) -> None:
        check_head(self.parser.get_http_version(), self.url, self.headers, limits=self._limits)
        if len(self.pipeline) >= self._limits.pipelined:
            raise Unframed
        self._reading_head, self._head_begun = False, False
        self._head_size, self._body_size = 0, 0
        if not (self.parser.should_upgrade() and self._should_upgrade()):
            check_length(self.url)
            self._requests += 1
        self._body_until = monotonic() + self._limits.body_seconds
        self._deadline.set(self._limits.pause_seconds)
        if self._speaks_for_others:
            client = client_behind(self.headers, self._limits.trusted_proxies)
            self.scope["client"] = (client, 0) if client else self.client
        self.server_state.default_headers = [(b"date", self._date())]
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_size += len(body)
        if self._body_size > self._limits.body:
            raise BodyTooLarge
        left = self._body_until - monotonic()
        self._deadline.set(min(left, self._limits.pause_seconds))
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._deadline.clear()
        self._reading_head, self._headers_size = True, 0
        super().on_message_complete()

    # answers

    def send_400_response(self, msg: str) -> None:
        """End the connection: the parser, or a check above, has raised."""
        fault = getattr(sys.exception(), "__context__", None)
        self._refuse(fault if isinstance(fault, HttpError) else Unframed())

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._ending.set(self._limits.stall_seconds)

    def timeout_keep_alive_handler(self) -> None:
        self._end()

    def shutdown(self) -> None:
        super().shutdown()
        if self.transport.is_closing():
            self._ending.set(self._limits.stall_seconds)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stall = self.loop.call_later(self._limits.stall_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def handle_websocket_upgrade(self) -> None:
        self._deadline.close()
        self.connections.discard(self)
        socket = WebSocketConnection(
            self.config, self.server_state, self._place, target=self.url, limits=self._limits
        )
        lines = [self.scope["method"].encode("ascii") + b" / HTTP/1.1"]
        lines += [name + b": " + value for name, value in self.headers]
        socket.connection_made(self._plain)
        socket.data_received(b"\r\n".join([*lines, b"", b""]))
        self._plain.set_protocol(socket)

    # inside

    def _refuse(self, error: HttpError) -> None:
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        REFUSALS.labels(error.code).inc()
        self._deadline.close()
        if self._owes_an_answer():
            # Whatever were written now would be read as the answer to another request.
            self.transport.abort()
            return
        if self._requests:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        body = encode_problem(problem_of(error, ROOMS))
        self.transport.write(refusal(error, body, self._date()))
        # Closing at once, with bytes unread, would take the answer from the client.
        self.loop.call_later(self._limits.linger_seconds, self._end)

    def _end(self) -> None:
        """Close when all is read that was written; soon in any case."""
        self._ending.set(self._limits.stall_seconds)
        self.transport.close()

    def _cut(self) -> None:
        self.transport.abort()

    def _owes_an_answer(self) -> bool:
        if not self._requests:
            return False
        if self._reading_head:
            return not self.cycle.response_complete
        # The body of the request that is being answered.
        return self.cycle.response_started or bool(self.pipeline)

    def _give_up(self) -> None:
        if self.flow.read_paused:
            # It is we who do not read.
            self._deadline.set(self._limits.pause_seconds)
        elif self._reading_head and self._head_size == 0:
            self._end()
        else:
            self._refuse(BodyTimeout())

    def _date(self) -> bytes:
        return format_http_date(self._clock().replace(microsecond=0))
