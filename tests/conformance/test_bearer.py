"""Every official SDK, unchanged, given a credential of an identity provider in place of a key."""

from collections.abc import Iterator

import pytest
from support.issuer import CLIENTS, MANAGER
from support.sdk_calls import END, START, refused
from support.sdks import Driver, able
from support.server import Server
from support.signed import Ask, Caller

DENIED = (401, "Denied", "Denied by the resource provider.")
ROOMS = "/rooms?api-version=2025-03-13"
GUID = "5fa0c7bb-1111-4444-8888-0123456789ab"


def _told(sdk: Driver, name: str, **given: object) -> tuple[int, str | None, str | None]:
    refusal = refused(sdk, name, **given)
    return refusal.status, refusal.code, refusal.message


@pytest.fixture
def manager(sdk: Driver, server: Server, issuer: str) -> Iterator[Driver]:
    """An SDK whose credential may manage rooms and identities."""
    endpoint = server.ready.endpoint.rstrip("/")
    with sdk.connected(endpoint=endpoint, issuer=issuer, client=MANAGER):
        yield sdk


def test_rooms_are_managed_with_a_token(manager: Driver) -> None:
    doctor, patient = (manager.call("createUser") for _ in range(2))

    room = manager.call("createRoom", participants=[{"rawId": doctor, "role": "Presenter"}])
    which = {"roomId": room["id"]}
    manager.call("addOrUpdateParticipants", **which, participants=[{"rawId": patient}])
    manager.call("removeParticipants", **which, participants=[doctor])
    changed = manager.call("updateRoom", **which, validFrom=START, validUntil=END)

    assert manager.call("getRoom", **which) == changed
    assert manager.call("listRooms")[0][0] == room["id"]
    assert manager.call("listParticipants", **which) == [[patient, "Attendee"]]
    manager.call("deleteRoom", **which)
    assert refused(manager, "getRoom", **which).status == 404


def test_identities_are_managed_with_a_token(manager: Driver) -> None:
    user, first = manager.call("createUserAndToken", scopes=["voip"])

    manager.call("revokeTokens", user=user)
    second = manager.call("getToken", user=user, scopes=["chat"])
    manager.call("deleteUser", user=user)

    assert first != second
    assert refused(manager, "getToken", user=user, scopes=["chat"]).status == 404


@pytest.mark.parametrize("sdk", able("teams"), indirect=True)
def test_a_teams_exchange_with_a_token_is_judged_the_same(manager: Driver) -> None:
    told = _told(manager, "getTokenForTeamsUser", token="x", appId=GUID, userId=GUID)

    assert told == (401, "InvalidAccessToken", "Provided access token is not valid.")


def test_a_token_that_is_not_good_is_denied(sdk: Driver, server: Server, issuer: str) -> None:
    told = {}

    for client in CLIENTS.keys() - {MANAGER}:
        endpoint = server.ready.endpoint.rstrip("/")
        with sdk.connected(endpoint=endpoint, issuer=issuer, client=client):
            told[client] = [_told(sdk, name) for name in ("createRoom", "createUser")]

    assert told == dict.fromkeys(CLIENTS.keys() - {MANAGER}, [DENIED] * 2)


def test_a_users_token_is_no_credential_of_a_server(manager: Driver, caller: Caller) -> None:
    _, token = manager.call("createUserAndToken", scopes=["voip"])

    answer = caller.send(Ask("GET", ROOMS, headers={"Authorization": f"Bearer {token}"}))

    assert (answer.status, answer.json["error"]["code"]) == (401, "Denied")
