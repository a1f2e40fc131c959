"""Whose pages may open our sockets."""

from collections.abc import Sequence

import pytest
from starlette.requests import HTTPConnection

from openrooms.http.origins import Origins

APP = "https://app.example.org"
SOME = Origins(frozenset({APP}))


def asking(*origins: str, host: str | None = "rooms.example.org:8443") -> HTTPConnection:
    named: Sequence[tuple[bytes, bytes]] = [(b"origin", one.encode("latin-1")) for one in origins]
    hosts = [] if host is None else [(b"host", host.encode())]
    return HTTPConnection({"type": "websocket", "headers": [*named, *hosts]})


@pytest.mark.parametrize("origin", [APP, "https://evil.example", "null", ""])
def test_unless_some_are_named_any_page_may(origin: str) -> None:
    assert Origins().admit(asking(origin))
    assert Origins().answer(asking(origin)) == {"Access-Control-Allow-Origin": "*"}


@pytest.mark.parametrize(
    "origin", [APP, "HTTPS://App.Example.Org", "https://rooms.example.org:8443"]
)
def test_pages_that_are_named_and_our_own_may(origin: str) -> None:
    assert SOME.admit(asking(origin))
    assert SOME.answer(asking(origin)) == {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}


@pytest.mark.parametrize(
    "origin",
    [
        *("https://evil.example", "null", "", "http://app.example.org", f"{APP}:444", f"{APP}/"),
        *("https://app.example.org.evil.example", "https://rooms.example.org", "://", "https://"),
    ],
)
def test_other_pages_may_not(origin: str) -> None:
    assert not SOME.admit(asking(origin))
    assert SOME.answer(asking(origin)) == {"Vary": "Origin"}


def test_who_is_no_page_may() -> None:
    assert SOME.admit(asking())
    assert SOME.answer(asking()) == {"Vary": "Origin"}


def test_two_origins_are_none() -> None:
    assert not SOME.admit(asking(APP, APP))


def test_without_a_host_nothing_is_our_own() -> None:
    assert not SOME.admit(asking("https://", host=None))
