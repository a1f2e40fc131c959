"""Whose pages may open our sockets.

What opens a socket is a token or a ticket in its messages or its target, never a cookie; so a page of
anybody's gains nothing by opening one, and any page may, unless the operator names those that may. A
page that we serve ourselves always may. Who is no browser names no origin, or any it likes: this
bounds pages, not programs.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import HTTPConnection

ALLOW = "Access-Control-Allow-Origin"


@dataclass(frozen=True, slots=True)
class Origins:
    """The origins that are named, such as `https://app.example.org`; with none named, all of them."""

    named: frozenset[str] = frozenset()

    def admit(self, connection: HTTPConnection) -> bool:
        """Whether the page that asks, if it is one, may."""
        asking = connection.headers.getlist("origin")
        if not self.named or not asking:
            return True
        return len(asking) == 1 and (
            asking[0].lower() in self.named or _is_ours(asking[0], connection)
        )

    def answer(self, connection: HTTPConnection) -> Mapping[str, str]:
        """The headers by which a browser lets the page that asks read the answer."""
        if not self.named:
            return {ALLOW: "*"}
        varies = {"Vary": "Origin"}
        asking = connection.headers.get("origin")
        if asking is None or not self.admit(connection):
            return varies
        return {ALLOW: asking, **varies}


def _is_ours(origin: str, connection: HTTPConnection) -> bool:
    """Whether the page came from where it asks now. Its scheme may have been another before a proxy."""
    host = connection.headers.get("host", "")
    return bool(host) and origin.lower().partition("://")[2] == host.lower()
