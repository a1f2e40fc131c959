"""What tests of several kinds have the official SDKs do."""

from datetime import UTC, datetime, timedelta

import pytest

from support.sdks import Driver, Refusal

START, END = (
    (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="milliseconds") for days in (1, 2)
)


def room_calls(sdk: Driver) -> dict[str, dict[str, object]]:
    """Each call about rooms that sends a body, and what it is given."""
    room, user = sdk.call("createRoom")["id"], sdk.call("createUser")
    return {
        "createRoom": {"validUntil": END},
        "updateRoom": {"roomId": room, "validFrom": START, "validUntil": END},
        "addOrUpdateParticipants": {"roomId": room, "participants": [{"rawId": user}]},
        "removeParticipants": {"roomId": room, "participants": [user]},
    }


def identity_calls(sdk: Driver) -> dict[str, dict[str, object]]:
    """Each call about identities that sends a body, and what it is given."""
    scopes = {"scopes": ["voip"]}
    return {"createUserAndToken": scopes, "getToken": scopes | {"user": sdk.call("createUser")}}


def refused(sdk: Driver, name: str, **given: object) -> Refusal:
    """What a call is told that must be refused."""
    with pytest.raises(Refusal) as told:
        sdk.call(name, **given)
    return told.value
