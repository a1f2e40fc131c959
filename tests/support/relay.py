"""Stands between a client and the server, over TLS, and has the network's bad days: answers 503 when told to."""

import http.client
import re
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

from support.server import Server

ANSWER_WITHIN = 20.0
DROPPED = frozenset({"connection", "transfer-encoding", "content-length", "date", "server"})
Trouble = Literal["none", "refuse", "lose", "alter", "retype", "antedate", "outdate", "rewrite"]
YEAR_AGO = format_datetime(datetime.now(UTC) - timedelta(days=365), usegmt=True)
NO_VERSION = "api-version=1999-01-01"
API_VERSION = re.compile("api-version=[^&]*")


@dataclass(frozen=True, slots=True)
class Try:
    """One request that came by, and the body of the server's answer, if it was asked."""

    method: str
    headers: Mapping[str, str]
    answered: bytes | None


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    def spoilt(self, trouble: Trouble, words: tuple[bytes, bytes]) -> "Request":
        """It as it goes on, when it has that trouble. `words`: what is rewritten, and as what."""
        match trouble:
            case "alter":
                return replace(self, body=self.body[:-1] + b" ")
            case "retype":
                return self._saying("Content-Type", "text/plain")
            case "antedate":
                return self._saying("Repeatability-First-Sent", YEAR_AGO)
            case "outdate":
                return replace(self, target=API_VERSION.sub(NO_VERSION, self.target))
            case "rewrite":
                return replace(self, body=self.body.replace(*words))
            case _:
                return self

    def _saying(self, name: str, value: str) -> "Request":
        """It with another value of one header, however that header's name is written."""
        others = {
            known: said for known, said in self.headers.items() if known.lower() != name.lower()
        }
        return replace(self, headers={**others, name: value})


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Relay:
    """`refuse` keeps the next request from the server; `lose` lets it through and loses the answer.

    The others let it through, changed: `alter` takes the last byte of its body, `retype` calls the body plain
    text, `antedate` says that it was first sent a year ago, `outdate` names a version that never was, `rewrite`
    puts the second of `words`, as long as the first, in the place of the first.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.upstream = urlsplit(server.ready.endpoint).netloc
        trust = ssl.create_default_context(cafile=str(server.ready.ca))
        self._connection = http.client.HTTPSConnection(
            self.upstream, context=trust, timeout=ANSWER_WITHIN
        )
        self._one_at_a_time = threading.Lock()
        self.netloc = ""
        self.tries: list[Try] = []
        self.calm()

    def calm(self) -> None:
        """Forget all that was, and have no trouble."""
        self.tries.clear()
        self.trouble: Trouble = "none"
        # So many requests go well before it.
        self.spared = 0
        self.retry_after = 0
        self.words = (b"", b"")

    def close(self) -> None:
        self._connection.close()

    @property
    def connection_string(self) -> str:
        key = self.server.ready.connection_string.partition(";")[2]
        return f"endpoint=https://{self.netloc}/;{key}"

    def carry(self, request: Request) -> _Answer:
        """What becomes of a request."""
        trouble = self._next_trouble()
        answer = None if trouble == "refuse" else self._ask(request.spoilt(trouble, self.words))
        told = None if answer is None else answer.body
        self.tries.append(Try(request.method, request.headers, told))
        return self._unavailable if answer is None or trouble == "lose" else answer

    def _next_trouble(self) -> Trouble:
        if self.spared:
            self.spared -= 1
            return "none"
        trouble, self.trouble = self.trouble, "none"
        return trouble

    @property
    def _unavailable(self) -> _Answer:
        return _Answer(503, {"Retry-After": str(self.retry_after)}, b"")

    def _ask(self, request: Request) -> _Answer:
        with self._one_at_a_time:
            connection = self._connection
            # The signature covers the host that the client knows: it goes on as it came.
            connection.putrequest(
                request.method, request.target, skip_host=True, skip_accept_encoding=True
            )
            for name, value in request.headers.items():
                connection.putheader(name, value)
            connection.endheaders(request.body or None)
            got = connection.getresponse()
            kept = {name: value for name, value in got.getheaders() if name.lower() not in DROPPED}
            # The next page is behind the relay, too.
            told = got.read().replace(f"//{self.upstream}/".encode(), f"//{self.netloc}/".encode())
            return _Answer(got.status, kept, told)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer is written in two parts: the second shall not wait until the client has confirmed the first.
    disable_nagle_algorithm = True
    relay: Relay

    def _carry(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self.relay.carry(Request(self.command, self.path, dict(self.headers), body))
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PATCH = do_DELETE = _carry  # noqa: N815 (the names that the library calls)

    def log_message(self, _format: str, *_arguments: object) -> None:
        """Say nothing: a test's output is its own."""


@contextmanager
def relaying(server: Server) -> Iterator[Relay]:
    """A relay before a server, with the server's own certificate."""
    relay = Relay(server)
    handler = type("Handler", (_Handler,), {"relay": relay})
    listener = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    # A client may keep its connection for longer than the relay lasts.
    listener.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.data / "server.pem", server.data / "server.key")
    listener.socket = context.wrap_socket(listener.socket, server_side=True)
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02})
    relay.netloc = f"localhost:{listener.server_port}"
    thread.start()
    try:
        yield relay
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
        relay.close()
