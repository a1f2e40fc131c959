"""A request passes its checks in the documented order, and each refusal has its own answer."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
import structlog
from httpx2 import ASGITransport, AsyncClient, Response
from tests.http.raw import until
from tests.http.signed import signed_headers
from tests.http.tenants import KEY, OneResource

from openrooms.http.apis import Apis
from openrooms.http.authentication import Authentication
from openrooms.http.bodies import JSON, MERGE_PATCH, encode_json
from openrooms.http.errors import Fault, HttpError
from openrooms.http.problems import IDENTITY, ROOMS
from openrooms.http.quotas import MOST_RUNNING, Quotas, Rate
from openrooms.http.routing import Answer, Api, Incoming, Operation
from openrooms.http.versions import Versions

pytestmark = pytest.mark.anyio

NOW = datetime(2025, 1, 24, 10, 0, tzinfo=UTC)
VERSION = "api-version=2025-03-13"


class WithDetails(HttpError):
    message = "bad"
    details = (Fault("inner", "$"),)


async def echo(incoming: Incoming) -> Answer:
    told = {
        "resource": incoming.resource_id,
        "version": incoming.version,
        "parts": dict(incoming.parts),
        "path": incoming.path,
        "document": incoming.document if incoming.body else None,
        "twice": incoming.headers.get("twice"),
    }
    return Answer(201, encode_json(told), {"Location": "99"})


async def fail(incoming: Incoming) -> Answer:
    raise RuntimeError("SELECT secret")


async def refuse(incoming: Incoming) -> Answer:
    raise WithDetails


async def nothing(incoming: Incoming) -> Answer:
    return Answer(204)


VERSIONS = Versions(supported=("2023-06-14", "2025-03-13"))
LISTED = "2023-06-14, 2025-03-13"
APIS = [
    Api(
        "rooms",
        ROOMS,
        VERSIONS,
        [
            Operation("GET", "/rooms", echo),
            Operation("POST", "/rooms", echo, JSON),
            Operation("GET", "/rooms/{room_id}", echo),
            Operation("PATCH", "/rooms/{room_id}", echo, MERGE_PATCH),
            Operation("DELETE", "/rooms/{room_id}", nothing),
            Operation("GET", "/rooms/fail/now", fail),
            Operation("GET", "/rooms/refuse/now", refuse),
            Operation("GET", "/rooms/new/now", nothing, since="2025-03-13"),
        ],
    ),
    Api(
        "identities",
        IDENTITY,
        VERSIONS,
        [Operation("POST", "/identities", echo, JSON, may_be_empty=True)],
    ),
]


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    apis = Apis(APIS, Authentication(OneResource(), lambda: NOW))
    transport = ASGITransport(app=apis)
    async with AsyncClient(transport=transport, base_url="https://localhost:8443") as opened:
        yield opened


async def send(
    client: AsyncClient,
    method: str,
    target: str,
    *,
    body: bytes = b"",
    headers: Sequence[tuple[str, str]] = (),
) -> Response:
    proof = signed_headers(KEY, method, target, host="localhost:8443", at=NOW, body=body)
    return await client.request(method, target, content=body, headers=[*proof.items(), *headers])


JSON_BODY = [("content-type", "application/json")]


async def test_a_good_request_reaches_its_operation(client: AsyncClient) -> None:
    answer = await send(client, "POST", f"/rooms?{VERSION}", body=b'{"a": 1}', headers=JSON_BODY)

    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["location"] == "99"
    assert answer.headers["api-supported-versions"] == LISTED
    assert answer.json()["document"] == {"a": 1}
    assert answer.json()["resource"] == "ours"


async def test_path_parameters_arrive_decoded(client: AsyncClient) -> None:
    answer = await send(client, "GET", f"/rooms/8%3Aacs?{VERSION}")

    assert answer.json()["parts"] == {"room_id": "8:acs"}
    assert answer.json()["path"] == "/rooms/8%3Aacs"


async def test_an_answer_without_a_body_has_no_content_type(client: AsyncClient) -> None:
    answer = await send(client, "DELETE", f"/rooms/99?{VERSION}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers


async def test_a_header_that_was_sent_twice_arrives_joined(client: AsyncClient) -> None:
    answer = await send(
        client, "GET", f"/rooms?{VERSION}", headers=[("twice", "a"), ("twice", "b")]
    )

    assert answer.json()["twice"] == "a, b"


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/rooms"),
        ("GET", "/nowhere"),
        ("PUT", "/rooms?api-version=1999-01-01"),
        ("POST", "/identities"),
        ("GET", "//rooms"),
    ],
)
async def test_whatever_is_wrong_a_stranger_is_told_one_thing(
    client: AsyncClient, method: str, target: str
) -> None:
    with structlog.testing.capture_logs() as logs:
        answer = await client.request(method, f"https://localhost:8443{target}")

    assert answer.status_code == 401
    assert answer.json() == {
        "error": {"code": "Denied", "message": "Denied by the resource provider."}
    }
    assert [entry["reason"] for entry in logs] == ["no credential"]
    assert answer.headers["x-ms-request-id"] == logs[0]["correlation_id"]


async def test_a_body_that_was_changed_has_its_own_message(client: AsyncClient) -> None:
    proof = signed_headers(KEY, "POST", "/rooms", host="localhost:8443", at=NOW, body=b"{}")
    answer = await client.post("/rooms", content=b"[]", headers=proof)

    assert answer.status_code == 401
    assert "x-ms-content-sha256" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("method", "target", "headers", "status", "code"),
    [
        ("GET", "/nowhere", [], 404, "NotFound"),
        ("GET", f"/Rooms?{VERSION}", [], 404, "NotFound"),
        ("GET", "/rooms/99/participants:add", [], 404, "NotFound"),
        ("GET", "/rooms/1%2F2", [], 404, "NotFound"),
        ("DELETE", "/rooms", [], 405, "MethodNotAllowed"),
        ("GET", "/rooms", [], 400, "ApiVersionUnspecified"),
        ("GET", "/rooms?api-version=1999-01-01", [], 400, "UnsupportedApiVersion"),
        ("GET", f"/rooms?{VERSION}&api-version=x", [], 400, "AmbiguousApiVersion"),
        ("GET", f"/rooms?{VERSION}&a=%ff", [], 400, "BadRequest"),
        ("GET", f"/rooms?{'a=1&' * 65}{VERSION}", [], 400, "BadRequest"),
        ("POST", f"/rooms?{VERSION}", [], 415, "UnsupportedMediaType"),
        (
            "POST",
            f"/rooms?{VERSION}",
            [("content-type", "text/plain")],
            415,
            "UnsupportedMediaType",
        ),
        (
            "POST",
            f"/rooms?{VERSION}",
            [*JSON_BODY, ("content-encoding", "gzip")],
            415,
            "UnsupportedMediaType",
        ),
        (
            "PATCH",
            f"/rooms/99?{VERSION}",
            [("content-type", "application/json-patch+json")],
            415,
            "UnsupportedMediaType",
        ),
    ],
)
async def test_what_a_customer_does_wrong_is_named(
    client: AsyncClient,
    method: str,
    target: str,
    headers: Sequence[tuple[str, str]],
    status: int,
    code: str,
) -> None:
    answer = await send(client, method, target, headers=headers)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.headers["content-type"].startswith("application/json")


async def test_rooms_names_the_code_in_a_header_and_identity_does_not(client: AsyncClient) -> None:
    rooms = await send(client, "DELETE", "/rooms")
    identity = await send(client, "DELETE", "/identities")

    assert rooms.headers["x-ms-error-code"] == "MethodNotAllowed"
    assert rooms.headers["allow"] == "GET, POST"
    assert "x-ms-error-code" not in identity.headers


async def test_an_unsupported_version_is_answered_with_the_supported_ones(
    client: AsyncClient,
) -> None:
    answer = await send(client, "GET", "/rooms?api-version=1999-01-01&secret=x")

    assert answer.headers["api-supported-versions"] == LISTED
    assert answer.json()["error"]["message"] == (
        "The HTTP resource that matches the request URI 'https://localhost:8443/rooms' "
        "does not support the API version '1999-01-01'."
    )


async def test_an_operation_is_known_from_its_first_version_on(client: AsyncClient) -> None:
    old = await send(client, "GET", "/rooms/new/now?api-version=2023-06-14")
    new = await send(client, "GET", f"/rooms/new/now?{VERSION}")

    assert (old.status_code, new.status_code) == (400, 204)
    assert old.json()["error"]["code"] == "UnsupportedApiVersion"
    assert "'2023-06-14'" in old.json()["error"]["message"]
    assert old.headers["api-supported-versions"] == LISTED


async def test_errors_of_identity_name_no_charset(client: AsyncClient) -> None:
    rooms = await send(client, "DELETE", f"/rooms?{VERSION}")
    identity = await send(client, "DELETE", f"/identities?{VERSION}")

    assert rooms.headers["content-type"] == "application/json; charset=utf-8"
    assert identity.headers["content-type"] == "application/json"


async def test_a_refusal_with_details_does_not_tell_the_versions(client: AsyncClient) -> None:
    answer = await send(client, "GET", f"/rooms/refuse/now?{VERSION}")

    assert answer.status_code == 400
    assert "api-supported-versions" not in answer.headers


async def test_our_own_fault_tells_nothing(client: AsyncClient) -> None:
    with structlog.testing.capture_logs():
        answer = await send(client, "GET", f"/rooms/fail/now?{VERSION}")

    assert answer.status_code == 500
    assert "SELECT" not in answer.text


async def test_a_large_body_is_refused_before_anything_else(client: AsyncClient) -> None:
    body = b"x" * (1024 * 1024 + 1)
    answer = await client.post("/rooms", content=body, headers={"authorization": "x"})

    assert (answer.status_code, answer.headers["connection"]) == (413, "close")


@pytest.mark.parametrize("headers", [[], [("content-type", "text/plain")]])
async def test_an_identity_is_made_without_a_body(
    client: AsyncClient, headers: Sequence[tuple[str, str]]
) -> None:
    answer = await send(client, "POST", f"/identities?{VERSION}", headers=headers)

    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("sent", "echoed"),
    [("abc-1", "abc-1"), ("x" * 10_000, "x" * 128), ("a\tb", "ab")],
)
async def test_identity_sends_the_request_id_back_cleaned(
    client: AsyncClient, sent: str, echoed: str
) -> None:
    request_id = ("x-ms-client-request-id", sent)
    answer = await send(client, "POST", f"/identities?{VERSION}", headers=[request_id])

    assert answer.headers["x-ms-client-request-id"] == echoed


async def test_a_caller_that_hangs_up_is_no_fault_of_ours() -> None:
    apis = Apis(APIS, Authentication(OneResource(), lambda: NOW))
    sent: list[object] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send_nothing(message: object) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "https",
        "path": "/rooms",
        "raw_path": b"/rooms",
        "query_string": b"",
        "headers": [(b"authorization", b"x")],
    }
    await apis(scope, receive, send_nothing)

    assert sent == []


async def test_a_resource_that_asks_too_often_is_told_when_to_come_back() -> None:
    apis = Apis(
        [Api("rooms", ROOMS, VERSIONS, [Operation("GET", "/rooms", echo, quota="reads")])],
        Authentication(OneResource(), lambda: NOW),
        quotas=Quotas({"reads": Rate(1, 1, burst=1)}, lambda: 0),
    )
    transport = ASGITransport(app=apis)
    async with AsyncClient(transport=transport, base_url="https://localhost:8443") as client:
        first = await send(client, "GET", f"/rooms?{VERSION}")
        second = await send(client, "GET", f"/rooms?{VERSION}")
        stranger = await client.get(f"/rooms?{VERSION}")

    assert first.status_code == 201
    assert (second.status_code, second.headers["retry-after"]) == (429, "1")
    assert second.headers["x-ms-error-code"] == second.json()["error"]["code"] == "TooManyRequests"
    assert stranger.status_code == 401


async def test_no_resource_takes_the_whole_server() -> None:
    running, most, held = 0, 0, asyncio.Event()

    async def hold(incoming: Incoming) -> Answer:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await held.wait()
        running -= 1
        return Answer(204)

    apis = Apis(
        [Api("rooms", ROOMS, VERSIONS, [Operation("GET", "/rooms", hold)])],
        Authentication(OneResource(), lambda: NOW),
    )
    transport = ASGITransport(app=apis)
    client = AsyncClient(transport=transport, base_url="https://localhost:8443")
    async with client, asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        asked = [
            tasks.create_task(send(client, "GET", f"/rooms?{VERSION}"))
            for _ in range(MOST_RUNNING + 5)
        ]
        await until(lambda: most == MOST_RUNNING)
        held.set()

    assert {one.result().status_code for one in asked} == {204}
    assert most == MOST_RUNNING


async def test_a_type_that_names_its_charset_is_the_same_type(client: AsyncClient) -> None:
    headers = [("content-type", "application/json; charset=utf-8")]
    answer = await send(client, "POST", f"/rooms?{VERSION}", body=b"{}", headers=headers)

    assert answer.status_code == 201
