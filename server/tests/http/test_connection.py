"""Bytes that are no good request get a clear refusal in bounded time, and hurt nobody else."""

import asyncio
import json
import socket
from dataclasses import replace

import pytest
from tests.http.conftest import QUICK, serve
from tests.http.raw import answer_to, exchange, status_of, until
from tests.http.running import Running

from openrooms.http.limits import LOOPBACK_NETWORKS

pytestmark = pytest.mark.anyio

HOST = b"Host: localhost\r\n"
GOOD = b"GET /echo HTTP/1.1\r\n" + HOST + b"\r\n"
CLOSE = b"Connection: close\r\n"


async def test_a_good_request_is_answered_with_the_time(port: int) -> None:
    answer = await answer_to(port, GOOD)

    assert status_of(answer) == 200
    assert b"\r\ndate: " in answer
    assert b"server:" not in answer


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        pytest.param(b"GET /echo HTTP/1.1\r\n\r\n", 400, id="no Host"),
        pytest.param(b"GET /echo HTTP/1.1\r\n" + HOST + HOST + b"\r\n", 400, id="two Hosts"),
        pytest.param(
            b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            id="length and chunks",
        ),
        pytest.param(
            b"POST /echo HTTP/1.1\r\n"
            + HOST
            + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nxxxx",
            400,
            id="two lengths",
        ),
        *(
            pytest.param(
                b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: " + length + b"\r\n\r\nxxxx",
                400,
                id=f"length {length.decode()}",
            )
            for length in (b"-1", b"+4", b"1e3", b"0x10")
        ),
        pytest.param(
            b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            400,
            id="unknown transfer encoding",
        ),
        pytest.param(b"GET /echo HTTP/1.1\nHost: localhost\n\n", 400, id="bare line feeds"),
        pytest.param(b"GET /echo HTTP/1.1\r\nHost : localhost\r\n\r\n", 400, id="space in a name"),
        pytest.param(b"GET /echo HTTP/1.1\r\nHost: local\0host\r\n\r\n", 400, id="NUL in a value"),
        pytest.param(
            b"GET /echo HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 65_536 + b"\r\n\r\n",
            431,
            id="one large header",
        ),
        pytest.param(
            b"GET /echo HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 200_000,
            431,
            id="a header without an end",
        ),
        pytest.param(
            b"GET /echo HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 2_000 + b"\r\n",
            431,
            id="many headers",
        ),
        pytest.param(
            b"GET /echo HTTP/1.1\r\n" + HOST + (b"X: " + b"y" * 7_000 + b"\r\n") * 5 + b"\r\n",
            431,
            id="large headers together",
        ),
        pytest.param(
            b"GET /" + b"x" * 65_536 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414, id="long target"
        ),
        pytest.param(b"GET /" + b"x" * 300_000, 414, id="target without an end"),
        pytest.param(
            b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
            b"fffffffffffffffff\r\n",
            400,
            id="huge chunk",
        ),
        pytest.param(
            b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 300000000\r\n\r\n",
            413,
            id="large body announced",
        ),
        pytest.param(
            b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n",
            400,
            id="impossible length",
        ),
        pytest.param(
            b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
            b"110000\r\n" + b"x" * 0x110000 + b"\r\n",
            413,
            id="large body in chunks",
        ),
        pytest.param(
            b"GET http://elsewhere/echo HTTP/1.1\r\n" + HOST + b"\r\n", 400, id="another host"
        ),
        pytest.param(
            b"GET /\xc3\xa9 HTTP/1.1\r\n" + HOST + b"\r\n", 400, id="raw UTF-8 in the path"
        ),
        pytest.param(b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", 400, id="asterisk"),
        pytest.param(b"CONNECT localhost:1 HTTP/1.1\r\n" + HOST + b"\r\n", 400, id="tunnel"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 50, 400, id="TLS"),
    ],
)
async def test_a_request_that_makes_no_sense_is_refused_and_the_connection_closed(
    port: int, request_bytes: bytes, status: int
) -> None:
    answer = await exchange(port, request_bytes)

    head, _, body = answer.partition(b"\r\n\r\n")
    assert status_of(answer) == status
    assert b"connection: close" in head
    assert json.loads(body)["error"]["code"].encode() in head
    assert status_of(await answer_to(port, GOOD)) == 200


async def test_a_header_longer_than_any_handshakes_is_taken(port: int) -> None:
    head = b"GET /echo HTTP/1.1\r\n" + HOST + CLOSE

    assert status_of(await exchange(port, head + b"X: " + b"x" * 16_000 + b"\r\n\r\n")) == 200


async def test_a_proxys_form_of_the_target_is_served_for_its_own_host(port: int) -> None:
    answer = await exchange(
        port, b"GET http://localhost/echo HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n"
    )

    assert b'{"path":"/echo"' in answer


async def test_an_old_client_without_a_host_is_served(port: int) -> None:
    assert status_of(await exchange(port, b"GET /echo HTTP/1.0\r\n\r\n")) == 200


async def test_a_body_of_the_largest_size_is_served(port: int) -> None:
    head = b"POST /echo HTTP/1.1\r\n" + HOST + CLOSE + b"Content-Length: 1048576\r\n\r\n"

    answer = await exchange(port, head, b"x" * 1_048_576)

    assert b'"body":1048576' in answer


@pytest.mark.parametrize(
    "beginning",
    [b"", b"GET /ec", b"GET /echo HTTP/1.1\r\nHost: loc"],
    ids=["nothing", "half a line", "half a head"],
)
async def test_a_head_that_never_comes_is_not_waited_for(port: int, beginning: bytes) -> None:
    answer = await exchange(port, beginning)

    assert status_of(answer) == (408 if beginning else 0)


async def test_a_body_that_stops_is_not_waited_for(port: int) -> None:
    head = b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 100\r\n\r\n"

    answer = await exchange(port, head + b"x" * 50)

    assert status_of(answer) == 408


async def test_a_body_that_drips_is_cut_in_the_end(port: int) -> None:
    head = b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 100\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    sent = 0
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        # Of the first line: a byte sent after the end may cost what is not read yet.
        reading = tasks.create_task(reader.readline())
        while not reading.done():
            writer.write(b"x")
            sent += 1
            await asyncio.wait([reading], timeout=0.1)
    writer.close()

    assert status_of(reading.result()) == 408
    assert sent < 20


async def test_an_answer_that_is_not_read_is_given_up(plain: Running) -> None:
    with socket.create_connection(("127.0.0.1", plain.port)) as client:
        client.sendall(GOOD.replace(b"/echo", b"/flood"))
        await until(lambda: plain.server.connections == 1)

        await until(lambda: plain.server.connections == 0)


async def test_a_flood_of_requests_on_one_connection_is_dropped(port: int) -> None:
    answers = await exchange(port, GOOD * 10_000)

    assert answers.count(b"HTTP/1.1 200") < 100
    assert status_of(await answer_to(port, GOOD)) == 200


async def test_a_few_requests_at_once_are_answered_in_order(port: int) -> None:
    answers = await exchange(port, GOOD, GOOD, GOOD.replace(HOST, HOST + CLOSE))

    assert answers.count(b"HTTP/1.1 200") == 3


async def test_a_bad_request_behind_a_good_one_spoils_no_answer(port: int) -> None:
    answers = await exchange(port, GOOD + b"nonsense\r\n\r\n")

    assert answers.count(b"HTTP/1.1") <= 1


async def test_what_follows_a_refusal_is_not_looked_at(port: int) -> None:
    head = b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 300000000\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    beginning = await reader.readuntil(b"\r\n\r\n")
    writer.write(GOOD)
    rest = await reader.read()
    writer.close()

    assert status_of(beginning) == 413
    assert b"HTTP/1.1" not in rest


async def test_while_we_do_not_read_the_body_nobody_is_late(plain: Running) -> None:
    head = b"POST /later HTTP/1.1\r\n" + HOST + CLOSE + b"Content-Length: 900000\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", plain.port)
    writer.write(head + b"x" * 900_000)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(reader.read())
        late, _ = await asyncio.wait([reading], timeout=0.8)
        await answer_to(plain.port, GOOD.replace(b"/echo", b"/release"))
    writer.close()

    assert not late
    assert reading.result().endswith(b"900000")


async def test_a_second_head_that_never_comes_is_not_waited_for_either(port: int) -> None:
    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GOOD)
        first = await reader.readuntil(b"}")
        writer.write(GOOD[:20])
        second = await reader.read()
        writer.close()

    assert (status_of(first), status_of(second)) == (200, 408)


async def test_the_beginning_of_a_request_behind_another_is_not_waited_for(port: int) -> None:
    answers = await exchange(port, GOOD + b"GET /ec", within=3)

    assert answers.count(b"HTTP/1.1 200") == 1


async def test_what_stands_behind_a_body_in_chunks_reaches_nobody(port: int) -> None:
    head = b"POST /headers HTTP/1.1\r\n" + HOST + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n"

    answer = await exchange(port, head + b"1\r\nx\r\n0\r\nX-Late: forged\r\n\r\n")

    assert status_of(answer) == 200
    assert b"x-late" not in answer


async def test_trailers_are_bounded_like_headers(port: int) -> None:
    head = b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"

    answer = await exchange(port, head + b"1\r\nx\r\n0\r\n" + b"X: " + b"y" * 17_000 + b"\r\n\r\n")

    assert status_of(answer) in {0, 431}


@pytest.mark.parametrize("ending", [CLOSE, b""], ids=["asked to close", "kept alive"])
async def test_a_closing_connection_does_not_wait_for_ever_to_be_read(
    plain: Running, ending: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", plain.port)) as client:
        await until(lambda: plain.server.connections == 1)
        [connection] = plain.server._state.connections
        # As if all of the answer fitted into what may wait.
        connection.transport.set_write_buffer_limits(high=100_000_000)
        client.sendall(b"GET /flood HTTP/1.1\r\n" + HOST + ending + b"\r\n")
        await until(lambda: connection.transport.get_write_buffer_size() > 0)
        if not ending:
            connection.shutdown()

        await until(lambda: plain.server.places == 0)


FORWARDED = GOOD.replace(HOST, HOST + CLOSE + b"X-Forwarded-For: 192.0.2.7\r\n")


async def test_a_stranger_cannot_say_who_he_is(port: int) -> None:
    assert b'"client":"127.0.0.1"' in await exchange(port, FORWARDED)


@pytest.mark.parametrize(
    ("sent", "told"), [(FORWARDED, b"192.0.2.7"), (GOOD.replace(HOST, HOST + CLOSE), b"127.0.0.1")]
)
async def test_a_trusted_proxy_says_for_whom_it_speaks(sent: bytes, told: bytes) -> None:
    limits = replace(QUICK, trusted_proxies=LOOPBACK_NETWORKS)
    async with serve(None, None, limits) as running:
        answer = await exchange(running.port, sent)

    assert b'"client":"' + told + b'"' in answer


async def test_a_connection_on_which_nothing_more_is_asked_is_closed() -> None:
    async with serve(None, None, replace(QUICK, keep_alive_seconds=0)) as running:
        answer = await exchange(running.port, GOOD)

    assert status_of(answer) == 200
