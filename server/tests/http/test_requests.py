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
