"""Putting requests on a socket byte by byte, and reading whatever comes back."""

import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any

from support.signed import Answered

PATIENCE = 15.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back, and after how long; status 0: the connection was closed without a word."""

    answer: Answered
    took: float
    # Whether the server said, or did, that this is the connection's end.
    closed: bool

    @property
    def status(self) -> int:
        return self.answer.status

    @property
    def json(self) -> Any:  # noqa: ANN401 (whatever was sent)
        return self.answer.json


@dataclass(frozen=True, slots=True)
class Doors:
    """The two listeners of a server."""

    plain: int
    tls: int
    trust: ssl.SSLContext

    def open(self, door: str, *, port: int | None = None) -> socket.socket:
        """A connection of that kind; to another port, for one who mistakes it."""
        port = port or (self.tls if door == "tls" else self.plain)
        made = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.trust.wrap_socket(made, server_hostname="localhost") if door == "tls" else made


def exchange(channel: socket.socket, parts: Sequence[bytes], *, method: str = "GET") -> Heard:
    """Send the parts and read one answer. However the server ends it, it is an answer."""
    start = time.monotonic()
    try:
        for part in parts:
            channel.sendall(part)
    except OSError:
        # It hung up in the middle; what it said before can still be read.
        pass
    answer, closed = read(channel, method)
    return Heard(answer, time.monotonic() - start, closed)


def read(channel: socket.socket, method: str = "GET") -> tuple[Answered, bool]:
    """One answer; a closed or reset connection is one with status 0."""
    response = HTTPResponse(channel, method=method)
    try:
        response.begin()
        body = response.read()
    except TimeoutError:
        raise
    except (OSError, HTTPException, ValueError):
        return Answered(0, {}, b""), True
    headers: Mapping[str, str] = {name.lower(): value for name, value in response.getheaders()}
    return Answered(response.status, headers, body), response.will_close


def is_closed(channel: socket.socket, *, within: float) -> bool:
    """Whether the server ends the connection in that time; what it says meanwhile is dropped."""
    channel.settimeout(within)
    try:
        while channel.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True
