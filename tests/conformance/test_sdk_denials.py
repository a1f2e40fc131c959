"""Every official SDK, unchanged, tells who may not call: with a key that is none, or a body that was changed."""

from support.relay import Relay
from support.sdk_calls import identity_calls, refused, room_calls
from support.sdks import Driver
from support.server import Server

DENIED = (401, "Denied", "Denied by the resource provider.")
ALTERED = (
    401,
    "Denied",
    "Request 'x-ms-content-sha256' differs from generated content hash.",
)


def _told(sdk: Driver, name: str, **given: object) -> tuple[int, str | None, str | None]:
    refusal = refused(sdk, name, **given)
    return refusal.status, refusal.code, refusal.message


def test_a_key_of_somebody_else_is_denied(sdk: Driver, server: Server) -> None:
    endpoint = server.ready.connection_string.partition(";")[0]
    wrong = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

    with sdk.connected(connectionString=f"{endpoint};accesskey={wrong}"):
        told = [_told(sdk, "createRoom"), _told(sdk, "createUser")]

    assert told == [DENIED] * 2


def test_a_body_that_was_changed_on_its_way_is_denied(sdk: Driver, relay: Relay) -> None:
    calls = room_calls(sdk) | identity_calls(sdk)
    told = {}

    with sdk.connected(connectionString=relay.connection_string):
        for name, given in calls.items():
            relay.trouble = "alter"
            told[name] = _told(sdk, name, **given)

    assert told == dict.fromkeys(calls, ALTERED)
