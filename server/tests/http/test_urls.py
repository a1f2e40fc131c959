"""URLs lead to our ports, under the names that are ours."""

import pytest

from openrooms.http.urls import url


@pytest.mark.parametrize(
    ("host", "written"),
    [
        ("rooms.example", "https://rooms.example:8443"),
        ("10.0.0.7", "https://10.0.0.7:8443"),
        ("fd00::7", "https://[fd00::7]:8443"),
        ("[fd00::7]", "https://[fd00::7]:8443"),
    ],
)
def test_a_host_is_written_as_urls_have_it(host: str, written: str) -> None:
    assert url("https", host, 8443) == written


def test_the_port_of_a_scheme_is_left_out() -> None:
    assert url("https", "rooms.example", 443) == "https://rooms.example"
    assert url("http", "rooms.example", 80) == "http://rooms.example"
    assert url("https", "rooms.example", 80) == "https://rooms.example:80"
