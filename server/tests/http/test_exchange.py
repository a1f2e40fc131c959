"""A connection answers requests to the server APIs by itself, in the order in which they came."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
import structlog
from tests.http.conftest import QUICK, serve
from tests.http.raw import exchange, status_of, until
from tests.http.running import Running
from tests.http.signed import signed_headers
from tests.http.tenants import KEY, OneResource

from openrooms import metrics
from openrooms.http.apis import Apis
from openrooms.http.authentication import Authentication
from openrooms.http.bodies import JSON, encode_json
from openrooms.http.limits import Limits
from openrooms.http.problems import ROOMS
from openrooms.http.routing import Answer, Api, Incoming, Operation
from openrooms.http.versions import Versions

pytestmark = pytest.mark.anyio

NOW = datetime(2025, 1, 24, 10, 0, tzinfo=UTC)
VERSION = "api-version=2025-03-13"
HOST = "localhost"
CLOSE = b"Connection: close\r\n"
EXPECT = b"Expect: 100-continue\r\n"
LARGE = 4_000_000


@dataclass
class House:
    """A server with a few operations, one of which waits until it is released."""

    running: Running
    released: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.running.port


@asynccontextmanager
async def opened(limits: Limits = QUICK) -> AsyncIterator[House]:
    released, asked = asyncio.Event(), []

    async def echo(incoming: Incoming) -> Answer:
        asked.append(incoming.path)
        return Answer(200, encode_json({"path": incoming.path, "body": len(incoming.body)}))

    async def hold(incoming: Incoming) -> Answer:
        asked.append(incoming.path)
        await released.wait()
        return Answer(200, b'"held"')

    async def mark(incoming: Incoming) -> Answer:
        asked.append(incoming.path)
        asyncio.get_running_loop().call_soon(asked.append, "others")
        return Answer(204)

    async def much(_incoming: Incoming) -> Answer:
        return Answer(200, b"x" * LARGE)

    api = Api(
        "rooms",
        ROOMS,
        Versions(("2025-03-13",)),
        [
            Operation("GET", "/rooms/{name}", echo, name="Echo"),
            Operation("POST", "/rooms", echo, JSON, name="Echo"),
            Operation("GET", "/rooms/hold/now", hold, name="Hold"),
            Operation("GET", "/rooms/mark/now", mark, name="Mark"),
            Operation("GET", "/rooms/much/now", much, name="Much"),
        ],
    )
    apis = Apis([api], Authentication(OneResource(), lambda: NOW))
    async with serve(None, None, limits, apis=apis) as running:
        yield House(running, released, asked)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with opened() as house:
        yield house


def request(
    path: str, *, method: str = "GET", body: bytes = b"", extra: bytes = b"", version: str = "1.1"
) -> bytes:
    target = f"{path}?{VERSION}"
    proof = signed_headers(KEY, method, target, host=HOST, at=NOW, body=body)
    length = {"content-length": str(len(body)), "content-type": "application/json"} if body else {}
    lines = [f"{method} {target} HTTP/{version}", f"Host: {HOST}"]
    lines += [f"{name}: {value}" for name, value in {**proof, **length}.items()]
    return "\r\n".join([*lines, ""]).encode() + extra + b"\r\n" + body


async def test_one_connection_serves_one_request_after_the_other(house: House) -> None:
    answers = await exchange(house.port, request("/rooms/1"), request("/rooms/2", extra=CLOSE))

    first, _, second = answers.partition(b"/rooms/1")
    assert first.startswith(b"HTTP/1.1 200 OK\r\ndate: ")
    assert b"x-ms-request-id: " in first
    assert b"connection: close" not in first
    assert b"connection: close" in second
    assert b"/rooms/2" in second


async def test_requests_that_come_together_are_answered_in_their_order(house: House) -> None:
    page = f"GET /echo HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
    held = request("/rooms/hold/now")
    unsigned = f"POST /rooms HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 2\r\n\r\n{{}}".encode()
    async with asyncio.TaskGroup() as tasks:
        answers = tasks.create_task(
            exchange(
                house.port,
                request("/rooms/1") + page + held + request("/rooms/2") + unsigned,
                page + request("/rooms/3", extra=CLOSE),
            )
        )
        await until(lambda: "/rooms/hold/now" in house.asked)
        assert "/rooms/2" not in house.asked
        house.released.set()

    found = [
        answers.result().find(mark)
        for mark in (b"/rooms/1", b"/echo", b'"held"', b"/rooms/2", b"Denied", b"/rooms/3")
    ]
    assert found == sorted(found)
    assert answers.result().count(b"HTTP/1.1 200") == 6


async def test_others_have_their_turn_between_requests_that_come_together(house: House) -> None:
    mark = request("/rooms/mark/now")

    await exchange(house.port, mark + mark + request("/rooms/mark/now", extra=CLOSE))

    assert house.asked[:3] == ["/rooms/mark/now", "others", "/rooms/mark/now"]


async def test_a_body_may_come_later_than_its_head(house: House) -> None:
    whole = request("/rooms", method="POST", body=b'{"a": 1}', extra=CLOSE)
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(whole[:-8])
    await until(lambda: house.running.server.busy == 1)
    writer.write(whole[-8:-4])
    writer.write(whole[-4:])
    answer = await reader.read()
    writer.close()

    assert b'"body":8' in answer


async def test_a_caller_who_waits_for_it_is_asked_for_his_body(house: House) -> None:
    whole = request("/rooms", method="POST", body=b"{}", extra=EXPECT + CLOSE)
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(whole[:-2])
    asked = await reader.readuntil(b"\r\n\r\n")
    writer.write(whole[-2:])
    answer = await reader.read()
    writer.close()

    assert asked == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert status_of(answer) == 200


async def test_a_stranger_is_not_asked_for_his_body(house: House) -> None:
    head = f"POST /rooms HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 100\r\n".encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(head + EXPECT + b"\r\n")
    answer = await reader.readuntil(b"\r\n\r\n")
    writer.write(b"x" * 100 + request("/rooms/1", extra=CLOSE))
    rest = await reader.read()
    writer.close()

    assert status_of(answer) == 401
    assert b"/rooms/1" in rest


async def test_a_strangers_body_that_is_no_body_ends_the_connection(house: House) -> None:
    head = f"POST /rooms HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()

    answer = await exchange(house.port, head + b"zz\r\n")

    assert answer.count(b"HTTP/1.1") <= 1


async def test_an_old_client_is_answered_and_left(house: House) -> None:
    answer = await exchange(house.port, request("/rooms/1", version="1.0"))

    assert b"connection: close" in answer
    assert b"/rooms/1" in answer


async def test_to_a_head_request_no_body_is_sent(house: House) -> None:
    answer = await exchange(house.port, request("/rooms/1", method="HEAD", extra=CLOSE))

    assert status_of(answer) == 405
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "last",
    [
        request("/rooms/1", extra=CLOSE),
        # Whom we leave, though he would stay.
        request("/rooms/1", version="1.0", extra=b"Connection: keep-alive\r\n"),
    ],
)
async def test_behind_a_request_that_closes_nothing_is_carried_out(
    house: House, last: bytes
) -> None:
    answers = await exchange(house.port, last + request("/rooms/2"))

    assert house.asked == ["/rooms/1"]
    assert answers.count(b"HTTP/1.1") == 1


async def test_what_is_no_plain_target_is_served_by_the_application(house: House) -> None:
    upgrade = b"Connection: upgrade, close\r\nUpgrade: h2c\r\n"
    for odd in (
        request("/rooms/1", extra=upgrade),
        request("/rooms/1#part", extra=CLOSE),
        request(f"http://{HOST}/rooms/1", extra=CLOSE),
    ):
        assert status_of(await exchange(house.port, odd)) == 404

    assert house.asked == []


@pytest.mark.parametrize("part", [b"", b"ab"])
async def test_a_body_that_does_not_come_is_not_waited_for(house: House, part: bytes) -> None:
    whole = request("/rooms", method="POST", body=b'{"a": 1}')
    with structlog.testing.capture_logs() as logs:
        answer = await exchange(house.port, whole[:-8] + part)

    assert status_of(answer) == 408
    assert [one["result_type"] for one in logs if one["event"] == "request"] == ["Abandoned"]


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_body_that_is_no_body_is_refused(house: House, *, at_once: bool) -> None:
    whole = request("/rooms", method="POST", extra=b"Transfer-Encoding: chunked\r\n")
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(whole + b"zz\r\n" if at_once else whole)
    if not at_once:
        await until(lambda: house.running.server.busy == 1)
        writer.write(b"zz\r\n")
    answer = await reader.read()
    writer.close()

    assert status_of(answer) == 400
    assert house.asked == []


def running() -> float | None:
    return metrics.REGISTRY.get_sample_value("openrooms_requests_running")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(request("/rooms", method="POST", body=b"{}")[:-1], id="in a body"),
        pytest.param(request("/rooms/hold/now"), id="while it is carried out"),
    ],
)
async def test_who_leaves_before_his_answer_leaves_nothing_behind(
    house: House, sent: bytes
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(sent)
    await until(lambda: house.running.server.busy == 1)
    writer.close()
    await until(lambda: house.running.server.connections == 0)
    house.released.set()

    await until(lambda: house.running.server.busy == 0)
    assert running() == 0


async def test_who_does_not_read_is_not_answered_on_and_on(house: House) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port, limit=2**16)
    writer.write(request("/rooms/much/now") + request("/rooms/much/now", extra=CLOSE))
    await until(lambda: house.running.server.busy == 1)
    async with asyncio.timeout(5):
        answers = await reader.read()
    writer.close()

    assert answers.count(b"HTTP/1.1 200") == 2
    assert answers.count(b"x") > 2 * LARGE


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(request("/rooms", method="POST", body=b"{}")[:-1], id="waits for a body"),
        pytest.param(request("/rooms/hold/now"), id="is carried out"),
        pytest.param(request("/rooms/hold/now") * 3, id="is in line"),
    ],
)
async def test_a_server_that_ends_cuts_off_what_does_not(sent: bytes) -> None:
    slow = Limits(pause_seconds=30)
    async with opened(slow) as house, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(sent)
        await until(lambda: house.running.server.busy == 1)
        await house.running.server.drain(grace=0.1)
        rest = await reader.read()
        writer.close()

    assert rest == b""
    assert running() == 0


async def test_a_server_that_ends_lets_a_request_come_to_its_end(house: House) -> None:
    whole = request("/rooms", method="POST", body=b"{}")
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(whole[:-1])
    await until(lambda: house.running.server.busy == 1)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(house.running.server.drain(grace=5))
        writer.write(whole[-1:])
        answer = await reader.read()
    writer.close()

    assert b"connection: close" in answer
    assert status_of(answer) == 200


async def test_a_flood_of_requests_on_one_connection_is_dropped(house: House) -> None:
    stranger = f"GET /rooms HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
    answers = await exchange(house.port, stranger * 20_000)

    assert answers.count(b"HTTP/1.1 401") < 100
    assert status_of(await exchange(house.port, request("/rooms/1", extra=CLOSE))) == 200


async def test_a_head_that_begins_behind_another_is_bounded_as_well(house: House) -> None:
    second = request("/rooms/2", extra=b"X: " + b"x" * 17_000 + b"\r\n" + CLOSE)
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(request("/rooms/1") + second[:-2])
    first = await reader.readuntil(b"/rooms/1")
    writer.write(second[-2:])
    rest = await reader.read()
    writer.close()

    assert status_of(first) == 200
    assert b"HTTP/1.1 431" in rest
    assert house.asked == ["/rooms/1"]


async def test_a_body_in_line_is_read_when_those_before_it_are_answered(house: House) -> None:
    large = b'"' + b"x" * 900_000 + b'"'
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(request("/rooms/hold/now"))
    await until(lambda: house.asked == ["/rooms/hold/now"])
    writer.write(request("/rooms", method="POST", body=large, extra=CLOSE))
    house.released.set()
    async with asyncio.timeout(5):
        answers = await reader.read()
    writer.close()

    assert f'"body":{len(large)}'.encode() in answers


async def test_nothing_else_is_spoken_while_an_answer_is_owed(house: House) -> None:
    upgrade = f"GET /calling/talk HTTP/1.1\r\nHost: {HOST}\r\n".encode() + (
        b"Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )

    answers = await exchange(house.port, request("/rooms/hold/now") * 2 + upgrade)
    house.released.set()
    await until(lambda: house.running.server.busy == 0)

    assert answers == b""
    assert running() == 0
