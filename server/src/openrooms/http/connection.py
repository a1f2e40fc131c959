"""One HTTP connection: uvicorn's protocol, with limits on what it takes and how long it waits."""

import asyncio
import sys
from collections import deque

from uvicorn import Config
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from openrooms.http.addresses import FORWARDED_FOR, client_behind, is_within
from openrooms.http.admission import Place
from openrooms.http.apis import Apis, Reply
from openrooms.http.dates import HttpDates
from openrooms.http.deadlines import Deadline
from openrooms.http.errors import (
    BodyTimeout,
    BodyTooLarge,
    HeadersTooLarge,
    HttpError,
    Unframed,
)
from openrooms.http.exchange import Exchange, encode_reply
from openrooms.http.filling import Filled
from openrooms.http.framing import (
    OVERHEAD,
    check_head,
    check_length,
    check_sizes,
    check_target,
    refusal,
)
from openrooms.http.headers import Headers
from openrooms.http.heartbeats import Heartbeats
from openrooms.http.joining import JoinedTransport
from openrooms.http.limits import Limits
from openrooms.http.problems import ROOMS
from openrooms.http.requests import Request
from openrooms.http.seldom import Seldom
from openrooms.http.websocket import WebSocketConnection
from openrooms.kernel.clock import monotonic
from openrooms.kernel.coroutines import start
from openrooms.metrics import REFUSALS

# With this byte every TLS handshake begins, and no request.
TLS_HELLO = 0x16


class HttpConnection(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 connection, bounded in size and time.

    It answers requests to the server APIs by itself (`exchange`), and all others by ASGI.
    """

    transport: JoinedTransport
    # An exchange has all that uvicorn asks of a cycle.
    cycle: RequestResponseCycle | Exchange | None  # type: ignore[assignment]
    pipeline: deque[tuple[RequestResponseCycle | Exchange, ASGI3Application]]  # type: ignore[assignment]

    def __init__(
        self,
        config: Config,
        state: ServerState,
        place: Place,
        *,
        limits: Limits,
        dates: HttpDates,
        seldom: Seldom,
        heartbeats: Heartbeats,
        apis: Apis | None = None,
    ) -> None:
        super().__init__(config, state, {})
        self._place = place
        self._limits = limits
        self._dates = dates
        self._seldom = seldom
        self._heartbeats = heartbeats
        self._apis = apis
        self._refused = False
        self._deadline = Deadline(self.loop, self._give_up)
        self._stall: asyncio.TimerHandle | None = None
        # Closing waits until all is read; who does not read is cut off then.
        self._ending = Deadline(self.loop, self._cut)
        self._speaks_for_others = False
        self._reading_head = True
        self._head_begun = False
        # The connection is timed as its first head from the beginning.
        self._head_is_timed = True
        # Of what came for a head that is not complete, without what came with its beginning.
        self._head_size = 0
        # How much came at once with the whole of a head; None: that came in pieces.
        self._came: int | None = None
        self._trailers_size = 0
        self._body_size = 0
        self._body_until: float | None = None
        # The exchange whose turn it is, while it has not begun.
        self._due: Exchange | None = None
        # Whether one of the requests that came together was answered at once.
        self._had_turn = False

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
        for cycle in (self.cycle, *(waiting for waiting, _ in self.pipeline)):
            if isinstance(cycle, Exchange):
                cycle.abandon()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._had_turn = False
        self._came = None if self._head_begun else len(data)
        if self._reading_head:
            if self._head_size == 0 and data[0] == TLS_HELLO:
                self._seldom.warn("tls_on_plain_port", advice="use http:// for this port")
            self._head_size += len(data)
        super().data_received(data)
        self._wait()

    def _wait(self) -> None:
        """What has begun to come must come to its end in time."""
        if self._refused:
            return
        if not self._reading_head:
            self._wait_for_body()
        elif self._head_size or self._head_begun:
            self._wait_for_head()

    def _wait_for_head(self) -> None:
        """A part of a head has come: the rest must come in time, and not be too much."""
        if not self._head_is_timed:
            self._head_is_timed = True
            self._deadline.set(self._limits.head_seconds)
        # A header that never ends is told to nobody before it does.
        if self._head_size > self._limits.headers + self._limits.long_target:
            self._refuse(HeadersTooLarge())

    def _wait_for_body(self) -> None:
        """A head has come, and not yet the whole of its body: more must come in time."""
        now = monotonic()
        if self._body_until is None:
            self._body_until = now + self._limits.body_seconds
            self._begin()
        self._deadline.set(min(self._body_until - now, self._limits.pause_seconds))

    # what the parser tells; what is raised here ends the connection by `send_400_response`

    def on_message_begin(self) -> None:
        self.url, self.headers = b"", []
        self._head_begun = True

    def on_url(self, url: bytes) -> None:
        self.url = self.url + url if self.url else url
        # Few are so long that it matters for what they are.
        if len(self.url) > self._limits.target:
            check_target(self.url, self._limits)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._reading_head:
            self.headers.append((name, value))
            return
        # What stands behind a body in chunks is counted, and told to nobody.
        self._trailers_size += len(name) + len(value) + OVERHEAD
        if self._trailers_size > self._limits.header:
            raise HeadersTooLarge

    def on_headers_complete(self) -> None:
        limits, url, parser = self._limits, self.url, self.parser
        upgrades = parser.should_upgrade()
        check_sizes(self.headers, limits, upgrades=upgrades, came=self._came)
        headers = Headers(self.headers)
        version = parser.get_http_version()
        check_head(version, url, headers, limits=limits)
        if len(self.pipeline) >= limits.pipelined or self.transport.is_closing():
            raise Unframed
        self._reading_head = self._head_begun = self._head_is_timed = False
        self._head_size = self._body_size = self._trailers_size = 0
        self._body_until = None
        client = self.client
        if self._speaks_for_others:
            behind = client_behind(headers.get(FORWARDED_FOR, ""), limits.trusted_proxies)
            client = (behind, 0) if behind else client
        target = url.decode("ascii")
        if upgrades and self.cycle is not None and not self.cycle.response_complete:
            # The new protocol would speak before what is owed is answered.
            raise Unframed
        # A fragment has no place in a target; uvicorn's parser knows what to make of it.
        plain = "#" not in target and not upgrades
        method = parser.get_method().decode("ascii")
        request = Request(method, target, scheme=self.scheme or "http", headers=headers)
        if plain and self._apis is not None and self._apis.serve(request.path):
            keep_alive = version != "1.0" and parser.should_keep_alive()
            self._meet(Exchange(self._apis, request, self, client=client, keep_alive=keep_alive))
        else:
            self._hand_over(client)

    def on_body(self, body: bytes) -> None:
        self._body_size += len(body)
        if self._body_size > self._limits.body:
            raise BodyTooLarge
        if not isinstance(self.cycle, Exchange):
            super().on_body(body)
        elif self.cycle.take(body) > HIGH_WATER_LIMIT and self.cycle.in_line:
            # Those before it have to be answered first.
            self.flow.pause_reading()

    def on_message_complete(self) -> None:
        self._reading_head = True
        self._deadline.clear()
        cycle = self.cycle
        if cycle is not None and cycle.response_complete:
            # Nobody waited for the end of that body.
            self._rest()
        elif isinstance(cycle, Exchange):
            cycle.finish()
            self._begin()
        else:
            super().on_message_complete()

    # whose turn it is

    def _meet(self, exchange: Exchange) -> None:
        """The head of a request to a server API has come."""
        before, self.cycle = self.cycle, exchange
        if before is not None and not before.response_complete:
            exchange.in_line = True
            self.flow.pause_reading()
            self.pipeline.appendleft((exchange, self.app))
            return
        self._due = exchange
        if exchange.is_whole:
            self._begin()

    def _hand_over(self, client: tuple[str, int] | None) -> None:
        """The head of any other request has come: it is uvicorn's, which has made names lower."""
        url, headers = self.url, self.headers
        super().on_message_begin()
        self.url = url
        for name, value in headers:
            super().on_header(name, value)
        self.scope["client"] = client
        self.server_state.default_headers = [(b"date", self._dates.now())]
        if not (self.parser.should_upgrade() and self._should_upgrade()):
            check_length(url)
        super().on_headers_complete()

    def _begin(self) -> None:
        """Answer the request whose turn it is: at once, when there is nothing to wait for.

        That is one of those that come together: whoever sends many would hold up all others.
        """
        if self._due is None:
            return
        exchange, self._due = self._due, None
        if self._had_turn:
            self._start_asgi_task(exchange, self.app)  # type: ignore[arg-type]
            return
        self._had_turn = True
        task = start(exchange.run_asgi(), self.loop.create_task)
        if task is not None:
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    def _rest(self) -> None:
        """Nothing is owed. The next request may be a while in coming."""
        self._deadline.set(self._limits.keep_alive_seconds)

    # answers

    def send_400_response(self, msg: str) -> None:
        """End the connection: the parser, or a check above, has raised."""
        fault = getattr(sys.exception(), "__context__", None)
        self._refuse(fault if isinstance(fault, HttpError) else Unframed())

    def ask_for_body(self) -> None:
        self.transport.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def reply(self, exchange: Exchange, reply: Reply) -> None:
        exchange.response_complete = True
        self.transport.send(encode_reply(reply, exchange, self._dates.now()))
        if not exchange.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def on_response_complete(self) -> None:
        """uvicorn's, with deadlines of ours: what waits is next, or nothing is owed."""
        if self.transport.is_closing():
            self._ending.set(self._limits.stall_seconds)
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)  # type: ignore[arg-type]
        elif self._reading_head and not (self._head_size or self._head_begun):
            self._rest()

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
            self.config,
            self.server_state,
            self._place,
            target=self.url,
            limits=self._limits,
            heartbeats=self._heartbeats,
        )
        lines = [self.scope["method"].encode("ascii") + b" / HTTP/1.1"]
        lines += [name + b": " + value for name, value in self.headers]
        socket.connection_made(self._plain)
        socket.data_received(b"\r\n".join([*lines, b"", b""]))
        taken = self._plain.get_protocol()
        self._plain.set_protocol(taken.over(socket) if isinstance(taken, Filled) else socket)

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
        if isinstance(self.cycle, Exchange):
            self._due = None
            self.cycle.abandon()
        elif self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        # In the words of the API that is asked, as far as the target has come.
        target = self.url if self._head_begun or not self._reading_head else b""
        dialect = ROOMS if self._apis is None else self._apis.dialect(target)
        self.transport.write(refusal(error, dialect, self._dates.now()))
        # Closing at once, with bytes unread, would take the answer from the client.
        self.loop.call_later(self._limits.linger_seconds, self._end)

    def _end(self) -> None:
        """Close when all is read that was written; soon in any case."""
        self._ending.set(self._limits.stall_seconds)
        self.transport.close()

    def _cut(self) -> None:
        self.transport.abort()

    def _owes_an_answer(self) -> bool:
        if self.cycle is None:
            return False
        if self._reading_head:
            return not self.cycle.response_complete
        # The body of the request that is being answered.
        return self.cycle.response_started or bool(self.pipeline)

    def _give_up(self) -> None:
        if self.flow.read_paused:
            # It is we who do not read: the caller has all his time anew when we do again.
            self._body_until = None
            self._deadline.set(self._limits.pause_seconds)
        elif self._reading_head and self._head_size == 0:
            self._end()
        else:
            self._refuse(BodyTimeout())
