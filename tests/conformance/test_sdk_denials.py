"""Every official SDK, unchanged, tells who may not call: with a key that is none, or a body that was changed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from support.relay import Relay, relaying
from support.sdks import Driver, Refusal
from support.server import Server

DENIED = (401, "Denied", "Denied by the resource provider.")
START, END = (
    (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="milliseconds") for days in (1, 2)
)
ALTERED = (
    401,
    "Denied",
    "Request 'x-ms-content-sha256' differs from generated content hash.",
)


@pytest.fixture(scope="module")
def relay(server: Server) -> Iterator[Relay]:
    with relaying(server) as made:
        yield made


def _told(sdk: Driver, name: str, **given: object) -> tuple[int, str | None, str | None]:
    with pytest.raises(Refusal) as refused:
        sdk.call(name, **given)
    return refused.value.status, refused.value.code, refused.value.message


def test_a_key_of_somebody_else_is_denied(sdk: Driver, server: Server) -> None:
    endpoint = server.ready.connection_string.partition(";")[0]
    wrong = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

    with sdk.connected(connectionString=f"{endpoint};accesskey={wrong}"):
        told = [_told(sdk, "createRoom"), _told(sdk, "createUser")]

    assert told == [DENIED] * 2


def _changing(sdk: Driver) -> dict[str, dict[str, object]]:
    """Calls that send a body, and what each is given."""
    room, user = sdk.call("createRoom")["id"], sdk.call("createUser")
    return {
        "createRoom": {"validUntil": END},
        "updateRoom": {"roomId": room, "validFrom": START, "validUntil": END},
        "addOrUpdateParticipants": {"roomId": room, "participants": [{"rawId": user}]},
        "removeParticipants": {"roomId": room, "participants": [user]},
        "createUserAndToken": {"scopes": ["voip"]},
        "getToken": {"user": user, "scopes": ["voip"]},
    }


def test_a_body_that_was_changed_on_its_way_is_denied(sdk: Driver, relay: Relay) -> None:
    calls = _changing(sdk)
    told = {}

    with sdk.connected(connectionString=relay.connection_string):
        for name, given in calls.items():
            relay.trouble = "alter"
            told[name] = _told(sdk, name, **given)

    assert told == dict.fromkeys(calls, ALTERED)
