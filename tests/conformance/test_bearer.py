"""The official Python SDKs, given a credential of an identity provider in place of a key."""

import ssl
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from azure.communication.identity import CommunicationIdentityClient, CommunicationTokenScope
from azure.communication.rooms import RoomsClient
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from support.issuing import Issuing, issuing
from support.server import Ready, Server

ROLE = "rooms-manager"


class Credential:
    """A `TokenCredential` that gets its tokens from the issuer of the tests."""

    def __init__(self, issuer: Issuing, **changed: object) -> None:
        self._issuer = issuer
        self._changed = changed
        self.asked: list[tuple[str, ...]] = []

    # Any: what SDKs pass along.
    def get_token(self, *scopes: str, **_options: Any) -> AccessToken:  # noqa: ANN401
        self.asked.append(scopes)
        now = int(time.time())
        times = {"iat": now, "nbf": now, "exp": now + 3600}
        roles = {"realm_access": {"roles": [ROLE]}}
        return AccessToken(self._issuer.token(**(times | roles | self._changed)), now + 3600)


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuing]:
    with issuing() as running:
        yield running


@pytest.fixture(scope="module")
def ready(issuer: Issuing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    environment = {
        "OPENROOMS_OIDC_ISSUER": issuer.name,
        "OPENROOMS_OIDC_ROLE_CLAIM": "realm_access.roles",
        "OPENROOMS_OIDC_ROLE": ROLE,
    }
    server = Server(tmp_path_factory.mktemp("bearer"), environment=environment)
    try:
        yield server.start()
    finally:
        server.close()


def trusting(ready: Ready) -> dict[str, Any]:
    """What a client needs to trust the server's certificate."""
    return {"connection_verify": str(ready.ca), "retry_total": 0}


def test_identities_and_rooms_are_managed_with_a_token(ready: Ready, issuer: Issuing) -> None:
    credential = Credential(issuer)
    identities = CommunicationIdentityClient(ready.endpoint, credential, **trusting(ready))
    rooms = RoomsClient(ready.endpoint, credential, **trusting(ready))

    user, token = identities.create_user_and_token([CommunicationTokenScope.VOIP])
    room = rooms.create_room()

    assert user.properties["id"].startswith("8:acs:")
    assert token.token
    assert room.id in [one.id for one in rooms.list_rooms()]
    assert set(credential.asked) == {("https://communication.azure.com//.default",)}
    rooms.delete_room(room.id)


@pytest.mark.parametrize(
    "changed",
    [
        {"realm_access": {"roles": ["other"]}},
        {"aud": "https://other.example"},
        {"iss": "https://other.example"},
        {"exp": 1},
    ],
)
def test_a_token_that_is_not_good_is_denied(
    ready: Ready, issuer: Issuing, changed: dict[str, object]
) -> None:
    rooms = RoomsClient(ready.endpoint, Credential(issuer, **changed), **trusting(ready))

    with pytest.raises(HttpResponseError) as denied:
        rooms.create_room()

    assert denied.value.status_code == 401
    assert denied.value.error is not None
    assert denied.value.error.code == "Denied"
    # Any: the library's type has no headers, its values have.
    response: Any = denied.value.response
    assert "WWW-Authenticate" not in response.headers


def test_a_users_token_is_no_credential_of_a_server(ready: Ready, issuer: Issuing) -> None:
    identities = CommunicationIdentityClient(ready.endpoint, Credential(issuer), **trusting(ready))
    _, token = identities.create_user_and_token([CommunicationTokenScope.VOIP])

    answer = httpx2.get(
        f"{ready.endpoint}rooms?api-version=2025-03-13",
        headers={"Authorization": f"Bearer {token.token}"},
        verify=ssl.create_default_context(cafile=str(ready.ca)),
    )

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "Denied"
