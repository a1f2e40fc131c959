"""Stands between a client and the server, over TLS, and has the network's bad days: answers 503 when told to."""

import http.client
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

from support.server import Server

ANSWER_WITHIN = 20.0
DROPPED = frozenset({"connection", "transfer-encoding", "content-length", "date", "server"})
Trouble = Literal["none", "refuse", "lose", "alter"]


@dataclass(frozen=True, slots=True)
class Try:
    """One request that came by, and the body of the server's answer, if it was asked."""

    method: str
    headers: Mapping[str, str]
    answered: bytes | None


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Relay:
    """`refuse` keeps the next request from the server; `lose` lets it through and loses the answer;
    `alter` changes the last byte of its body."""

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

    def close(self) -> None:
        self._connection.close()

    @property
    def connection_string(self) -> str:
        key = self.server.ready.connection_string.partition(";")[2]
        return f"endpoint=https://{self.netloc}/;{key}"

    def carry(
        self, method: str, target: str, headers: Mapping[str, str], *, body: bytes
    ) -> _Answer:
        """What becomes of a request."""
        trouble = self._next_trouble()
        sent = body[:-1] + b" " if trouble == "alter" else body
        answer = None
        if trouble != "refuse":
            answer = self._ask(method, target, headers, body=sent)
        self.tries.append(Try(method, headers, None if answer is None else answer.body))
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

    def _ask(self, method: str, target: str, headers: Mapping[str, str], *, body: bytes) -> _Answer:
        with self._one_at_a_time:
            connection = self._connection
            # The signature covers the host that the client knows: it goes on as it came.
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders(body or None)
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
        answer = self.relay.carry(self.command, self.path, dict(self.headers), body=body)
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
