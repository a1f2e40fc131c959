"""What a caller sends stays out of the access line, and what is logged meanwhile carries its id."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import structlog
from httpx2 import ASGITransport, AsyncClient
from tests.http.signed import signed_headers
from tests.http.tenants import KEY, OTHER_KEY, OneResource, Resource

from openrooms.http.apis import Apis
from openrooms.http.authentication import Authentication
from openrooms.http.problems import ROOMS
from openrooms.http.routing import Answer, Api, Incoming, Operation
from openrooms.http.versions import Versions
from openrooms.logs import correlation

pytestmark = pytest.mark.anyio

NOW = datetime(2025, 1, 24, 10, 0, tzinfo=UTC)
VERSION = "api-version=2025-03-13"
SIGNED = signed_headers(KEY, "GET", f"/rooms?{VERSION}", host="localhost:8443", at=NOW)
PROOF = SIGNED["authorization"]
# The secondary key signs.
RESOURCES = OneResource(Resource(access_keys=(OTHER_KEY, KEY)))


async def tell(incoming: Incoming) -> Answer:
    """Answers with the id that a line of the log would carry."""
    return Answer(200, correlation.get().encode())


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    operations = [Operation("GET", "/rooms", tell), Operation("GET", "/rooms/{room_id}", tell)]
    api = Api("rooms", ROOMS, Versions(supported=("2025-03-13",)), operations)
    transport = ASGITransport(app=Apis([api], Authentication(RESOURCES, lambda: NOW)))
    async with AsyncClient(transport=transport, base_url="https://localhost:8443") as opened:
        yield opened


@pytest.mark.parametrize(
    "changed",
    [
        {"authorization": "psst"},
        {"authorization": "Bearer psst"},
        {"authorization": "HMAC-SHA256 SignedHeaders=psst&Signature=psst"},
        {"authorization": PROOF.replace("=x-ms-date;", "=psst;x-ms-date;")},
        {"authorization": PROOF.replace("Signature=", "Signature=psst")},
        {"x-ms-content-sha256": "psst"},
        {"x-ms-date": "psst"},
        {"host": "psst"},
        {"cookie": "psst", "user-agent": "psst", "x-forwarded-for": "psst", "forwarded": "psst"},
        {"content-type": "psst", "content-encoding": "psst", "traceparent": "psst"},
    ],
    ids=",".join,
)
@pytest.mark.parametrize("target", [f"/rooms?{VERSION}", f"/psst/psst?{VERSION}&psst=psst"])
async def test_what_a_stranger_sends_stays_out_of_the_line(
    client: AsyncClient, target: str, changed: dict[str, str]
) -> None:
    with structlog.testing.capture_logs() as logs:
        await client.get(target, headers=SIGNED | changed)

    [line] = logs
    assert line["event"] == "request"
    assert "psst" not in str(line)


@pytest.mark.parametrize(
    "target",
    [
        f"/rooms/psst?{VERSION}&psst=psst",
        f"/rooms/psst/psst?{VERSION}",
        "/rooms?api-version=psst",
        "/psst",
    ],
)
async def test_so_does_what_a_proved_caller_sends(client: AsyncClient, target: str) -> None:
    proof = signed_headers(KEY, "GET", target, host="localhost:8443", at=NOW)
    with structlog.testing.capture_logs() as logs:
        await client.get(target, headers=proof | {"psst": "psst"})

    [line] = logs
    assert (line["resource_id"], line["signing_key"]) == ("ours", "secondary")
    assert "psst" not in str(line)


async def test_what_is_logged_during_a_request_carries_its_id(client: AsyncClient) -> None:
    answer = await client.get(f"/rooms?{VERSION}", headers=SIGNED)

    assert answer.text == answer.headers["x-ms-request-id"]
