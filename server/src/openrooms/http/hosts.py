"""Under which host names pages are served in plain HTTP.

A page of somebody else's, whose name he lets point to this machine, must not be able to read what
only this machine may reach. A browser tells such a name; it cannot tell another. Server APIs know
their hosts by themselves (`authentication`), and in TLS the certificate names ours.
"""

from collections.abc import Awaitable, Iterable
from ipaddress import ip_address

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

LOCAL = "localhost"
MISDIRECTED = 421
REFUSED = 1008


def name_of(host: str) -> str:
    """The name or address in a `Host` header, without a port, in lower case."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def is_served(host: str, names: frozenset[str]) -> bool:
    """Whether a host is an address, this machine's own name, or one of these names."""
    name = name_of(host)
    if name in names or name == LOCAL or name.endswith(f".{LOCAL}"):
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def for_hosts(app: ASGIApp, names: Iterable[str]) -> ASGIApp:
    """The application, for requests under an address, `localhost`, and these names."""
    known = frozenset(name.lower() for name in names)
    elsewhere = PlainTextResponse("This server has no such name.\n", MISDIRECTED)

    def choose(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        # Only old clients send none, and no browser is among them.
        if not host or is_served(host.decode("latin-1"), known):
            return app(scope, receive, send)
        if scope["type"] == "websocket":
            return WebSocketClose(REFUSED)(scope, receive, send)
        return elsewhere(scope, receive, send)

    return choose
