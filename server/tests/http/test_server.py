"""How a server ends: new connections are refused, running requests finish, late ones are cut short."""

import asyncio

import pytest
from tests.http.raw import until
from tests.http.running import Running

pytestmark = pytest.mark.anyio

CLOSE = b"Host: localhost\r\nConnection: close\r\n\r\n"


async def test_a_running_request_is_finished_before_the_end(plain: Running) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", plain.port)
    writer.write(b"POST /echo HTTP/1.1\r\nContent-Length: 4\r\n" + CLOSE + b"ab")
    await until(lambda: plain.server.busy == 1)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        ending = tasks.create_task(plain.server.drain(grace=5))
        early, _ = await asyncio.wait([ending], timeout=0.05)
        writer.write(b"cd")
        answer = await reader.read()
    writer.close()

    assert not early
    assert b'"body":4' in answer


async def test_who_takes_longer_than_the_grace_is_cut_short(plain: Running) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", plain.port)
    writer.write(b"GET /forever HTTP/1.1\r\n" + CLOSE)
    await until(lambda: plain.server.busy == 1)
    async with asyncio.timeout(5):
        await plain.server.drain(grace=0.1)
        rest = await reader.read()
    writer.close()

    assert b"200" not in rest
    assert plain.server.busy == 0


async def test_after_the_end_nobody_gets_in(plain: Running) -> None:
    await plain.server.drain(grace=1)

    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", plain.port)
