"""What anybody can cause is told at most once in a while, with how often it was."""

import structlog

from openrooms.http.seldom import Seldom


def test_an_event_that_comes_again_and_again_is_told_once_in_a_while() -> None:
    now = 0.0
    seldom = Seldom(lambda: now, seconds=10)

    with structlog.testing.capture_logs() as logs:
        for _ in range(1000):
            seldom.warn("flood", what="x")
        seldom.warn("another")
        now = 10.0
        seldom.warn("flood", what="y")

    assert [(entry["event"], entry["not_told_before"]) for entry in logs] == [
        ("flood", 0),
        ("another", 0),
        ("flood", 999),
    ]
