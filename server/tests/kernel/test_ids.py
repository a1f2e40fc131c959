"""Every id has the form that the hosted service gives it, and none comes twice."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from openrooms.kernel.identifiers import is_guid
from openrooms.kernel.ids import (
    new_event_id,
    new_guid,
    new_key,
    new_request_id,
    new_room_id,
    new_secret,
    new_server_call_id,
)

MAKERS = [
    new_event_id,
    new_guid,
    new_key,
    new_request_id,
    new_room_id,
    new_secret,
    new_server_call_id,
]


@pytest.mark.parametrize("make", MAKERS)
def test_no_id_comes_twice(make: Callable[[], object]) -> None:
    assert len({make() for _ in range(1000)}) == 1000


def test_a_guid_is_one() -> None:
    assert is_guid(new_guid())


def test_a_room_id_has_seventeen_digits_and_begins_with_994() -> None:
    assert re.fullmatch(r"994\d{14}", str(new_room_id()))


def test_a_secret_has_256_bits_in_url_safe_text() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", new_secret())
    assert len(new_key()) == 32


def test_a_server_call_id_is_url_safe() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", new_server_call_id())


def test_the_id_of_a_request_or_an_event_is_32_hexadecimal_digits() -> None:
    for made in (new_request_id(), new_event_id()):
        assert re.fullmatch(r"[0-9a-f]{32}", made)


def test_threads_that_make_ids_at_once_get_different_ones() -> None:
    with ThreadPoolExecutor(max_workers=4) as threads:
        made = list(threads.map(lambda _: new_request_id(), range(4000)))

    assert len(set(made)) == 4000
