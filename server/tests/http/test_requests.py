"""What a request says of itself, and which of its headers prove anything."""

import pytest

from openrooms.http.errors import Denied
from openrooms.http.headers import Headers
from openrooms.http.requests import Request


def request(target: str = "/rooms", *headers: tuple[bytes, bytes]) -> Request:
    return Request("GET", target, scheme="https", headers=Headers(headers))


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/rooms", "/rooms", ""),
        ("/rooms?", "/rooms", ""),
        ("/rooms/1?a=b?c", "/rooms/1", "a=b?c"),
        ("/rooms/%3F", "/rooms/%3F", ""),
    ],
)
def test_a_target_is_a_path_and_a_query(target: str, path: str, query: str) -> None:
    asked = request(target)

    assert (asked.target, asked.path, asked.query) == (target, path, query)


def test_its_uri_is_told_without_the_query() -> None:
    assert request("/rooms?a=b", (b"Host", b"localhost:8443")).uri == "https://localhost:8443/rooms"


@pytest.mark.parametrize(
    ("host", "name"),
    [
        (b"LOCALHOST:8443", "localhost"),
        (b"localhost", "localhost"),
        (b"[::1]:8443", "[::1]"),
        (b"localhost:", "localhost:"),
    ],
)
def test_its_host_has_a_name_without_the_port(host: bytes, name: str) -> None:
    assert request("/", (b"host", host)).host_name == name


@pytest.mark.parametrize("headers", [[], [(b"date", b"1"), (b"Date", b"1")]])
def test_a_header_that_is_missing_or_came_twice_proves_nothing(
    headers: list[tuple[bytes, bytes]],
) -> None:
    with pytest.raises(Denied):
        request("/", *headers).header("date")


def test_the_body_of_who_proves_nothing_is_not_needed() -> None:
    assert request("/", (b"Authorization", b"x")).needs_body
    assert not request("/").needs_body


TWO = ((b"Date", b"1"), (b"Host", b"2"))


def test_headers_are_told_in_the_order_in_which_they_are_asked_for() -> None:
    assert request("/", *TWO).values(["host", "date"]) == ["2", "1"]


@pytest.mark.parametrize(
    "headers", [TWO[:1], (*TWO, (b"host", b"2")), (*TWO[:1], (b"other", b"1"), (b"other", b"1"))]
)
def test_of_headers_of_which_one_proves_nothing_none_is_told(
    headers: tuple[tuple[bytes, bytes], ...],
) -> None:
    with pytest.raises(Denied, match="host missing, or sent more than once"):
        request("/", *headers).values(["date", "host"])


def test_a_header_sent_twice_that_nobody_asks_for_does_not_matter() -> None:
    twice = (b"other", b"1")

    assert request("/", *TWO, twice, twice).values(["date", "host"]) == ["1", "2"]
