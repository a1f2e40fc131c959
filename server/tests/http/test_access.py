"""One line a request: all that an operator wants of it, and nothing that is nobody's business."""

import json
from datetime import UTC, datetime

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from openrooms import metrics
from openrooms.http.access import AccessLog, Result
from openrooms.http.addresses import Shown

NOW = datetime(2026, 1, 24, 10, 0, 0, 1500, tzinfo=UTC)


class Seconds:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def opened(written: list[bytes], seconds: Seconds) -> AccessLog:
    return AccessLog(written.append, addresses=Shown.FULL, clock=lambda: NOW, now=seconds)


def test_the_line_tells_what_came_of_a_request() -> None:
    written: list[bytes] = []
    seconds = Seconds()
    access = opened(written, seconds)

    visit = access.begin(("192.0.2.7", 1), "c")
    visit.operation, visit.version, visit.resource_id = "CreateRoom", "2025-03-13", "r"
    visit.bytes_in, visit.bytes_out, visit.status = 2, 200, 201
    visit.signing_key = "secondary"
    visit.facts.update(room_id="99", added_room_participants_count=0, pstn_dial_out_enabled=False)
    seconds.now += 0.0125
    access.end(visit)

    assert [json.loads(line) for line in written] == [
        {
            "event": "request",
            "level": "info",
            "timestamp": "2026-01-24T10:00:00.001500Z",
            "correlation_id": visit.id,
            "operation_name": "CreateRoom",
            "operation_version": "2025-03-13",
            "result_type": "Succeeded",
            "result_signature": 201,
            "duration_ms": 12.5,
            "resource_id": "r",
            "signing_key": "secondary",
            "client_request_id": "c",
            "client_address": "192.0.2.7",
            "bytes_in": 2,
            "bytes_out": 200,
            "room_id": "99",
            "added_room_participants_count": 0,
            "pstn_dial_out_enabled": False,
        }
    ]


def test_what_is_not_known_is_left_out() -> None:
    written: list[bytes] = []
    access = opened(written, Seconds())

    access.end(access.begin(None, ""))

    assert list(json.loads(written[0])) == [
        "event",
        "level",
        "timestamp",
        "correlation_id",
        "operation_name",
        "result_type",
        "result_signature",
        "duration_ms",
        "bytes_in",
        "bytes_out",
    ]


@given(st.text(), st.text())
def test_whatever_a_caller_sends_the_line_is_one_and_tells_it_as_it_was(
    client_request_id: str, version: str
) -> None:
    written: list[bytes] = []
    access = opened(written, Seconds())

    visit = access.begin(None, client_request_id)
    visit.version = version
    visit.facts["room_id"] = version
    access.end(visit)

    [line] = written
    told = json.loads(line)
    assert b"\n" not in line
    assert told.get("client_request_id", "") == client_request_id
    assert (told.get("operation_version", ""), told["room_id"]) == (version, version)
    assert told["correlation_id"] == visit.id


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (204, Result.SUCCEEDED),
        (404, Result.REFUSED),
        (503, Result.FAILED),
        (0, Result.ABANDONED),
    ],
)
def test_the_result_is_told_in_a_word(status: int, result: Result) -> None:
    visit = AccessLog().begin(None, "")
    visit.status = status

    assert visit.result is result


def test_a_fact_of_a_feature_never_stands_in_for_one_of_ours() -> None:
    written: list[bytes] = []
    access = opened(written, Seconds())

    visit = access.begin(None, "")
    visit.facts.update(correlation_id="forged", resource_id="forged", room_id="99")
    access.end(visit)

    told = json.loads(written[0])
    assert (told["correlation_id"], told["room_id"]) == (visit.id, "99")
    assert b"forged" not in written[0]


def test_without_json_the_line_is_an_event_like_any_other() -> None:
    access = AccessLog()
    with structlog.testing.capture_logs() as logs:
        visit = access.begin(("192.0.2.7", 1), "c")
        visit.status = 404
        visit.facts.update(room_id="99", event="forged")
        access.end(visit)

    [entry] = logs
    assert (entry["event"], entry["result_signature"]) == ("request", 404)
    assert (entry["client_address"], entry["room_id"]) == ("192.0.2.0", "99")


def test_requests_are_counted_and_timed_by_operation() -> None:
    access = opened([], seconds := Seconds())

    visit = access.begin(None, "")
    running = metrics.REGISTRY.get_sample_value("openrooms_requests_running")
    visit.operation, visit.status = "TestOperation", 201
    seconds.now += 0.3
    access.end(visit)

    labels = {"operation": "TestOperation", "status": "201"}
    assert metrics.REGISTRY.get_sample_value("openrooms_requests_total", labels) == 1
    took = {"operation": "TestOperation", "le": "0.5"}
    assert metrics.REGISTRY.get_sample_value("openrooms_request_seconds_bucket", took) == 1
    assert running == 1
    assert metrics.REGISTRY.get_sample_value("openrooms_requests_running") == 0
