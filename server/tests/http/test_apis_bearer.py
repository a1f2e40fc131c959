"""Requests with a bearer token: let in by the issuer's word, else answered as any other stranger."""

import json
from collections.abc import AsyncIterator, Iterator

import pytest
from httpx2 import ASGITransport, AsyncClient
from support.issuing import AUDIENCE, NOW, ROLE, Issuing, issuing
from tests.http.tenants import OneResource

from openrooms.http.apis import Apis
from openrooms.http.authentication import Authentication
from openrooms.http.bearer import BearerTokens, Terms
from openrooms.http.bodies import JSON, encode_json
from openrooms.http.issuers import Issuer
from openrooms.http.problems import ROOMS
from openrooms.http.routing import Answer, Api, Incoming, Operation
from openrooms.http.versions import Versions

pytestmark = pytest.mark.anyio

TARGET = "/rooms?api-version=2025-03-13"
DENIED = {"error": {"code": "Denied", "message": "Denied by the resource provider."}}


async def echo(incoming: Incoming) -> Answer:
    return Answer(200, encode_json({"resource": incoming.resource_id}))


APIS = [
    Api(
        "rooms",
        ROOMS,
        Versions(supported=("2025-03-13",)),
        [Operation("GET", "/rooms", echo), Operation("POST", "/rooms", echo, JSON)],
    )
]
AUTHENTICATION = Authentication(OneResource(), lambda: NOW)


@pytest.fixture(scope="module")
def remote() -> Iterator[Issuing]:
    with issuing() as running:
        yield running


@pytest.fixture
async def client(remote: Issuing) -> AsyncIterator[AsyncClient]:
    tokens = BearerTokens(
        Issuer(remote.name),
        Terms(AUDIENCE, "roles", ROLE),
        directory=OneResource(),
        clock=lambda: NOW,
    )
    apis = Apis(APIS, AUTHENTICATION, bearer=tokens)
    transport = ASGITransport(app=apis)
    async with AsyncClient(transport=transport, base_url="https://localhost:8443") as opened:
        yield opened


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_good_token_is_let_in_without_a_signature(
    client: AsyncClient, remote: Issuing
) -> None:
    answer = await client.get(TARGET, headers=bearer(remote.token()))

    assert answer.status_code == 200
    assert answer.json() == {"resource": "ours"}


@pytest.mark.parametrize("changed", [{"roles": []}, {"exp": 1}, {"aud": "x"}])
async def test_a_bad_one_is_answered_as_any_stranger(
    client: AsyncClient, remote: Issuing, changed: dict[str, object]
) -> None:
    answer = await client.get(TARGET, headers=bearer(remote.token(**changed)))

    assert answer.status_code == 401
    assert answer.json() == DENIED
    assert answer.headers["x-ms-error-code"] == "Denied"
    assert "www-authenticate" not in answer.headers


async def test_a_token_sent_twice_proves_nothing(client: AsyncClient, remote: Issuing) -> None:
    token = f"Bearer {remote.token()}"

    answer = await client.get(TARGET, headers=[("Authorization", token), ("Authorization", token)])

    assert answer.status_code == 401


async def test_an_issuer_that_is_away_is_a_reason_to_try_again() -> None:
    with issuing() as gone:
        token = gone.token()
    tokens = BearerTokens(
        Issuer(gone.name),
        Terms(AUDIENCE, "roles", ROLE),
        directory=OneResource(),
        clock=lambda: NOW,
    )
    transport = ASGITransport(app=Apis(APIS, AUTHENTICATION, bearer=tokens))

    async with AsyncClient(transport=transport, base_url="https://localhost:8443") as client:
        answer = await client.get(TARGET, headers=bearer(token))

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert json.loads(answer.content)["error"]["code"] == "ServiceUnavailable"


async def test_without_an_issuer_no_token_is_good(remote: Issuing) -> None:
    transport = ASGITransport(app=Apis(APIS, AUTHENTICATION))
    async with AsyncClient(transport=transport, base_url="https://localhost:8443") as client:
        answer = await client.get(TARGET, headers=bearer(remote.token()))

    assert answer.status_code == 401
    assert answer.json() == DENIED
