"""Every official SDK, unchanged, on a bad day of the network, or with a key that is none."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from support.relay import Relay, relaying
from support.sdks import Driver, Refusal
from support.server import Server
from support.signed import Ask, Caller

VERSION = "api-version=2025-03-13"
REQUEST_ID = "repeatability-request-id"


@dataclass(frozen=True, slots=True)
class BadDay:
    """An SDK that reaches the server through a relay."""

    sdk: Driver
    relay: Relay


@pytest.fixture(scope="module")
def relay(server: Server) -> Iterator[tuple[Relay, str]]:
    with relaying(server) as made:
        yield made


@pytest.fixture
def day(sdk: Driver, relay: tuple[Relay, str]) -> Iterator[BadDay]:
    between, connection_string = relay
    with sdk.connected(connection_string):
        between.tries.clear()
        between.retry_after = 0
        yield BadDay(sdk, between)


def _newest(caller: Caller) -> list[str]:
    """The two newest rooms."""
    page = caller.call(Ask("GET", f"/rooms?{VERSION}")).json["value"]
    return [room["id"] for room in page[:2]]


def _request_ids(relay: Relay) -> list[str]:
    headers = [{name.lower(): value for name, value in one.headers.items()} for one in relay.tries]
    return [one[REQUEST_ID] for one in headers]


def test_a_room_that_was_refused_once_is_made_at_the_second_try(
    day: BadDay, caller: Caller
) -> None:
    control = day.sdk.call("createRoom")["id"]
    day.relay.tries.clear()
    day.relay.trouble = "refuse"
    day.relay.retry_after = 1
    start = time.monotonic()

    room = day.sdk.call("createRoom")["id"]

    # It waits as long as it is told to.
    assert time.monotonic() - start >= 1
    assert [one.answered is None for one in day.relay.tries] == [True, False]
    assert _newest(caller) == [room, control]


def test_a_room_whose_answer_was_lost_is_made_once(day: BadDay, caller: Caller) -> None:
    control = day.sdk.call("createRoom")["id"]
    day.relay.tries.clear()
    day.relay.trouble = "lose"

    room = day.sdk.call("createRoom")["id"]

    ids = [json.loads(one.answered or b"{}")["id"] for one in day.relay.tries]
    assert ids == [room, room]
    assert len(set(_request_ids(day.relay))) == 1
    assert _newest(caller) == [room, control]


def test_what_is_safe_to_repeat_is_repeated_until_it_is_answered(day: BadDay) -> None:
    user = day.sdk.call("createUser")
    room = day.sdk.call("createRoom", participants=[{"rawId": user, "role": "Presenter"}])["id"]

    day.relay.trouble = "refuse"
    assert day.sdk.call("getRoom", roomId=room)["id"] == room
    day.relay.trouble = "lose"
    assert day.sdk.call("listParticipants", roomId=room) == [[user, "Presenter"]]
    day.relay.trouble = "lose"
    day.sdk.call("deleteRoom", roomId=room)

    with pytest.raises(Refusal) as gone:
        day.sdk.call("getRoom", roomId=room)
    assert gone.value.status == 404


def test_a_key_of_somebody_else_is_denied(sdk: Driver, server: Server) -> None:
    endpoint = server.ready.connection_string.partition(";")[0]
    wrong = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

    with sdk.connected(f"{endpoint};accesskey={wrong}"):
        with pytest.raises(Refusal) as room:
            sdk.call("createRoom")
        with pytest.raises(Refusal) as user:
            sdk.call("createUser")

    told = [(one.value.status, one.value.code, one.value.message) for one in (room, user)]
    assert told == [(401, "Denied", "Denied by the resource provider.")] * 2
