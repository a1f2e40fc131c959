"""WebSockets open on targets as long as the gate's, and refuse longer ones before the upgrade."""

import asyncio
import base64
from collections.abc import AsyncIterator

import pytest
import websockets
from tests.http.raw import answer_to, exchange, status_of, until
from tests.http.running import Running

pytestmark = pytest.mark.anyio

LONGEST = 64 * 1024
TALK = "/calling/talk?join_request="


@pytest.fixture(params=["plain", "secure"])
def running(request: pytest.FixtureRequest) -> Running:
    """A server, in plain HTTP and in TLS."""
    started: Running = request.getfixturevalue(request.param)
    return started


def target_of(length: int, start: str = TALK) -> str:
    return start + "x" * (length - len(start))


def upgrade(target: str, *headers: str) -> bytes:
    key = base64.b64encode(bytes(16)).decode()
    lines = [
        f"GET {target} HTTP/1.1",
        "Host: localhost",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


async def messages(running: Running, target: str) -> AsyncIterator[str]:
    scheme = "wss" if running.authority else "ws"
    uri = f"{scheme}://localhost:{running.port}{target}"
    async with websockets.connect(uri, ssl=running.client_context, compression=None) as socket:
        await socket.send("hello")
        yield str(await socket.recv())
        yield str(await socket.recv())


@pytest.mark.parametrize("length", [100, 8_191, 8_193, 25_000, LONGEST])
async def test_a_long_target_opens_and_arrives_whole(running: Running, length: int) -> None:
    told = [text async for text in messages(running, target_of(length))]

    assert told == [str(length - len("/calling/talk?")), "hello"]


async def test_a_question_that_is_too_long_is_refused(running: Running) -> None:
    target = target_of(LONGEST, "/calling/validate?join_request=")
    request = f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"

    answer = await answer_to(running.port, request.encode(), tls=running.client_context)

    assert status_of(answer) == 414


async def test_a_longer_target_is_refused_before_the_upgrade(running: Running) -> None:
    request = upgrade(target_of(LONGEST + 1))

    answer = await answer_to(running.port, request, tls=running.client_context)

    assert status_of(answer) == 414


async def test_a_long_target_elsewhere_is_refused(running: Running) -> None:
    request = upgrade("/talk?" + "x" * 17_000)

    answer = await answer_to(running.port, request, tls=running.client_context)

    assert status_of(answer) == 414


@pytest.mark.parametrize("length", [25_000, LONGEST - 1])
async def test_the_gates_question_has_a_long_target_too(running: Running, length: int) -> None:
    target = target_of(length, "/calling/validate?join_request=")
    request = f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    answer = await exchange(running.port, request.encode(), tls=running.client_context)

    assert answer.endswith(f'{{"target":{length - len("/calling/validate?")}}}'.encode())


async def test_a_header_longer_than_the_handshake_reads_is_refused(running: Running) -> None:
    request = upgrade("/calling/talk", "X: " + "x" * 8_100)

    answer = await answer_to(running.port, request, tls=running.client_context)

    assert status_of(answer) == 431


async def test_a_header_just_short_enough_opens(running: Running) -> None:
    request = upgrade("/calling/talk", "X: " + "x" * 7_900)

    answer = await answer_to(running.port, request, tls=running.client_context)

    assert status_of(answer) == 101


async def test_deflate_is_not_offered(running: Running) -> None:
    request = upgrade("/calling/talk", "Sec-WebSocket-Extensions: permessage-deflate")

    answer = await answer_to(running.port, request, tls=running.client_context)

    assert status_of(answer) == 101
    assert b"permessage-deflate" not in answer


@pytest.mark.parametrize(("path", "length"), [("small", 100), ("talk", 101)])
async def test_a_message_within_its_paths_cap_arrives(
    plain: Running, path: str, length: int
) -> None:
    uri = f"ws://localhost:{plain.port}/calling/{path}"
    async with websockets.connect(uri, compression=None) as socket:
        await socket.recv()
        await socket.send("x" * length)

        assert len(await socket.recv()) == length


@pytest.mark.parametrize(("path", "length"), [("small", 101), ("talk", 2_200_000)])
async def test_a_message_beyond_its_paths_cap_closes(
    plain: Running, path: str, length: int
) -> None:
    uri = f"ws://localhost:{plain.port}/calling/{path}"
    async with websockets.connect(uri, compression=None) as socket:
        await socket.recv()
        await socket.send("x" * length)
        with pytest.raises(websockets.ConnectionClosed):
            await socket.recv()

        assert socket.close_code == 1009


async def test_a_socket_nobody_serves_is_refused(plain: Running) -> None:
    assert status_of(await answer_to(plain.port, upgrade("/nowhere"))) == 403


async def test_an_upgrade_with_a_large_body_is_refused(plain: Running) -> None:
    request = upgrade("/calling/talk", "Content-Length: 2000000")

    assert status_of(await answer_to(plain.port, request)) == 413


async def test_stopping_tells_sockets_to_come_back(plain: Running) -> None:
    uri = f"ws://localhost:{plain.port}/calling/talk"
    async with websockets.connect(uri, compression=None) as socket:
        await socket.recv()
        await plain.server.drain(grace=1)

        with pytest.raises(websockets.ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 1012


async def test_stopping_lets_a_running_request_end_and_takes_no_new_one(plain: Running) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", plain.port)
    writer.write(head)
    await until(lambda: plain.server.busy == 1)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(plain.server.drain(grace=5))
        await asyncio.sleep(0)
        writer.write(b"{}")
        answer = await reader.read()
    writer.close()

    assert status_of(answer) == 200
    with pytest.raises(ConnectionRefusedError):
        await answer_to(plain.port, head)


async def test_stopping_does_not_wait_for_ever(plain: Running) -> None:
    head = b"GET /forever HTTP/1.1\r\nHost: localhost\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", plain.port)
    writer.write(head)
    await until(lambda: plain.server.busy == 1)

    async with asyncio.timeout(2):
        await plain.server.drain(grace=0.1)
        assert not (await reader.read()).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_stopping_does_not_wait_for_a_client_that_does_not_read(plain: Running) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", plain.port)
    writer.write(b"GET /flood HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await until(lambda: plain.server.connections == 1 and plain.server.busy == 0)

    await plain.server.drain(grace=0.1)

    await until(lambda: plain.server.connections == 0)
    writer.close()


async def test_a_target_is_written_to_no_log(
    plain: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    target = "/calling/talk?access_token=a-ticket"

    told = [text async for text in messages(plain, target)]
    refused = await answer_to(plain.port, upgrade("/nowhere?access_token=a-ticket"))

    ours = [one for one in caplog.records if not one.name.startswith("websockets.client")]
    assert (told[1], status_of(refused)) == ("hello", 403)
    assert not any("a-ticket" in one.getMessage() for one in ours)


async def test_who_reads_a_little_late_gets_all_of_a_large_message(running: Running) -> None:
    scheme = "wss" if running.authority else "ws"
    uri = f"{scheme}://localhost:{running.port}/calling/talk"
    large = "x" * 2_000_000
    context = running.client_context
    async with websockets.connect(uri, ssl=context, compression=None, max_size=None) as socket:
        await socket.recv()
        # More than the network between us holds, so the server has to stop writing, and go on.
        for _ in range(4):
            await socket.send(large)
        lengths = [len(await socket.recv()) for _ in range(4)]

    assert lengths == [len(large)] * 4
