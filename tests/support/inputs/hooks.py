"""A receiver of events in a process of its own, which answers as the path of its URL says.

It listens on every address of this machine, so that whoever is led to a forbidden one is heard there, too.
"""

import json
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit

from openrooms.http.certificates import ensure_certificates
from support.receiver import Got, Reply, confirm

# The one address that servers of tests may send events to.
ADDRESS = "127.0.0.2"
ENDLESS = 10_000_000_000
PART = b"x" * 2**20
SLOWLY = 1.0

TESTS = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Hooks:
    """The receiver, seen from a test."""

    port: int
    tls_port: int

    @property
    def authority(self) -> str:
        return f"{ADDRESS}:{self.port}"

    def came(self) -> list[Got]:
        """What has come since this was asked last."""
        with urllib.request.urlopen(f"http://{self.authority}/came", timeout=5) as answer:
            told = json.load(answer)
        return [Got(**one | {"body": one["body"].encode()}) for one in told]


@contextmanager
def open_hooks() -> Iterator[Hooks]:
    """A receiver for as long as the context is open; it ends with who started it, however that ends."""
    command = (sys.executable, "-m", "support.inputs.hooks")
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=TESTS
    ) as process:
        assert process.stdout is not None
        try:
            yield Hooks(*map(int, process.stdout.readline().split()))
        finally:
            process.kill()


# -- inside of it -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Book:
    """What came and was not told yet."""

    kept: list[Got] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, got: Got) -> None:
        with self.lock:
            self.kept.append(got)

    def tell(self) -> bytes:
        with self.lock:
            told = [asdict(one) | {"body": one.body.decode()} for one in self.kept]
            self.kept.clear()
        return json.dumps(told).encode()


class Handler(BaseHTTPRequestHandler):
    """One request, and what its path makes of it."""

    protocol_version = "HTTP/1.1"
    book = Book()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        got = Got(self.command, self.path, headers, body)
        name = urlsplit(self.path).path.strip("/")
        if name == "came":
            self.reply(Reply(body=self.book.tell()))
            return
        self.book.note(got)
        self.close_connection = True
        with suppress(OSError):
            MANNERS[name](self, got)

    do_POST = do_OPTIONS = do_GET = _serve  # noqa: N815 - the library's names

    def reply(self, reply: Reply) -> None:
        """A whole answer."""
        self.say(reply.status, *reply.headers, ("Content-Length", str(len(reply.body))))
        self.wfile.write(reply.body)

    def say(self, status: int, *headers: tuple[str, str]) -> None:
        """The head of an answer."""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def forever(self, part: bytes, *, pause: float = 0.0) -> None:
        """The same again and again, until nobody listens."""
        over = threading.Event()
        while not over.wait(pause):
            self.wfile.write(part)
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's
        """Say nothing."""


Manner: TypeAlias = Callable[[Handler, Got], None]


def _says(status: int = 200, body: bytes = b"", **headers: str) -> Manner:
    told = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return lambda one, _: one.reply(Reply(status, body, told))


def _writes(data: bytes) -> Manner:
    def write(one: Handler, _: Got) -> None:
        one.wfile.write(data)

    return write


def _leads_elsewhere(one: Handler, got: Got) -> None:
    asked = parse_qs(urlsplit(got.path).query)
    one.reply(Reply(int(asked["status"][0]), headers=(("Location", asked["to"][0]),)))


def _floods(one: Handler, got: Got) -> None:
    one.say(200, ("Content-Length", str(ENDLESS)))
    one.forever(PART)


def _floods_head(one: Handler, got: Got) -> None:
    one.wfile.write(b"HTTP/1.1 200 OK\r\n")
    one.forever(b"X-More: " + b"x" * 1000 + b"\r\n")


def _announces(one: Handler, got: Got) -> None:
    """Only ever says that more will come."""
    one.forever(b"HTTP/1.1 103 Early Hints\r\n\r\n")


def _drips(one: Handler, got: Got) -> None:
    one.say(200, ("Content-Length", str(ENDLESS)))
    one.forever(b" ", pause=SLOWLY)


def _drips_head(one: Handler, got: Got) -> None:
    one.forever(b"H", pause=SLOWLY)


def _is_silent(one: Handler, got: Got) -> None:
    one.connection.recv(1)


def _inflates(one: Handler, got: Got) -> None:
    """A little that would be much: 4 bytes a block, each said to be compressed."""
    one.reply(Reply(body=b"\x1f\x8b\x08\x00" * 1000, headers=(("Content-Encoding", "gzip"),)))


MANNERS: Mapping[str, Manner] = {
    "takes": lambda one, got: one.reply(confirm(got)),
    "leads": _leads_elsewhere,
    "another-code": _says(body=b'{"validationResponse":"x"}'),
    "no-code": _says(),
    "no-json": _says(body=b"ok"),
    "list": _says(body=b"[]"),
    "deep": _says(body=b"[" * 10_000),
    "no-utf8": _says(body=b'{"validationResponse":"\xff"}'),
    "fails": _says(500),
    "created": _says(201),
    "another-origin": _says(webhook_allowed_origin="other.example, localhost.example"),
    "refuses-leave": _says(405, webhook_allowed_origin="*"),
    "floods": _floods,
    "floods-head": _floods_head,
    "announces": _announces,
    "drips": _drips,
    "drips-head": _drips_head,
    "silent": _is_silent,
    "hangs-up": _writes(b""),
    "half": _writes(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
    "mail": _writes(b"220 mail.example ESMTP\r\n"),
    "two-lengths": _writes(
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 9\r\n\r\nGET /x HT"
    ),
    "inflates": _inflates,
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True


def main() -> None:
    """Serve, in plain text and in TLS of nobody's authority, until whoever started it is gone."""
    servers = [_Server(("0.0.0.0", 0), Handler) for _ in range(2)]
    with tempfile.TemporaryDirectory() as folder:
        tls = ensure_certificates(Path(folder), ADDRESS, datetime.now(UTC)).context
    servers[1].socket = tls.wrap_socket(servers[1].socket, server_side=True)
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print(*(server.server_address[1] for server in servers), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
