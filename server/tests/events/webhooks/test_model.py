"""Where URLs lead, what answers mean, and when a try comes again."""

from datetime import UTC, datetime, timedelta

import pytest

from openrooms.events.webhooks.errors import BadForm, BadTypes, BadUrl
from openrooms.events.webhooks.model import (
    GIVEN_UP_AFTER,
    MOST_TYPES,
    Form,
    Target,
    judge,
    next_try,
    parse_form,
    parse_types,
    parse_url,
)

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "target", "authority"),
    [
        ("https://a.example", Target("https", "a.example", 443, "/"), "a.example"),
        ("https://a.example/x?c=1", Target("https", "a.example", 443, "/x?c=1"), "a.example"),
        ("http://A.example:8080/", Target("http", "a.example", 8080, "/"), "a.example:8080"),
        ("https://[::1]:9/", Target("https", "::1", 9, "/"), "[::1]:9"),
    ],
)
def test_a_url_leads_somewhere(text: str, target: Target, authority: str) -> None:
    assert parse_url(text) == target
    assert target.authority == authority
    assert target.origin == f"{target.scheme}://{authority}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.example/hook",
        "file:///etc/passwd",
        "ftp://a.example/",
        "gopher://a.example/",
        "https://",
        "https:///path",
        "https://user@a.example/",
        "https://user:secret@a.example/",
        "https://a.example/#part",
        "https://a.example:0/",
        "https://a.example:99999/",
        "https://a.example:x/",
        "https://a.example/a b",
        "https://a.example\\@127.0.0.1/",
        "https://a.example/\r\nx: y",
        "https://\uff41.example/",
        "https://a%2eexample/",
        "https://[::1/",
        f"https://a.example/{'x' * 2048}",
    ],
)
def test_what_leads_nowhere_is_refused(text: str) -> None:
    with pytest.raises(BadUrl):
        parse_url(text)


def test_forms_and_types_are_read() -> None:
    assert parse_form("cloudevents") is Form.CLOUD_EVENTS
    assert parse_types([]) is None
    assert parse_types(["a", "b", "a"]) == frozenset({"a", "b"})
    for bad in ([""], ["x" * 65], [str(number) for number in range(MOST_TYPES + 1)]):
        with pytest.raises(BadTypes):
            parse_types(bad)
    with pytest.raises(BadForm):
        parse_form("EventGrid")


def test_any_success_is_taken_and_everything_else_is_not() -> None:
    assert [judge(status) for status in (200, 202, 204, 299)] == [None] * 4
    for status in (199, 300, 301, 307, 400, 401, 404, 413, 429, 500, 503):
        failure = judge(status)
        assert failure is not None
        assert failure.for_good == (status in {400, 413})
        assert failure.away == (status == 503)


def test_tries_come_less_and_less_often_and_the_last_after_a_day() -> None:
    now, waits = AT, []
    tries = 0
    while (again := next_try(tries := tries + 1, AT, now)) is not None:
        waits.append(int((again - now).total_seconds()))
        now = again

    assert waits[:9] == [10, 30, 60, 300, 600, 1800, 3600, 10800, 21600]
    assert now == AT + GIVEN_UP_AFTER
    assert len(waits) < 20


def test_what_was_queued_long_ago_has_one_try() -> None:
    assert next_try(1, AT, AT + timedelta(days=2)) is None
