"""What comes in TLS is read whole, however much comes at once, and by whichever protocol takes it."""

import asyncio
import json
import random

import pytest
from tests.http.running import Running
from websockets.asyncio.client import connect

from openrooms.http.filling import LARGEST_READ, LARGEST_WRITE, Filled, Portioned, read_buffer

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "size", [0, 1, LARGEST_READ - 1, LARGEST_READ, LARGEST_READ + 1, 10 * LARGEST_READ]
)
async def test_a_body_of_any_size_comes_whole(secure: Running, size: int) -> None:
    head = f"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n".encode()
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", secure.port, ssl=secure.client_context
        )
        for _ in range(3):
            writer.write(head + bytes(size))
            await reader.readuntil(b"\r\n\r\n")
            told = json.loads(await reader.readuntil(b"}"))
            assert told["body"] == size
        writer.close()


async def test_many_at_once_do_not_read_each_others_words(secure: Running) -> None:
    address = f"wss://localhost:{secure.port}/calling/talk"

    async def say(number: int) -> None:
        async with connect(address, ssl=secure.client_context, proxy=None) as client:
            await client.recv()
            for size in (1, 100, 10_000):
                text = f"{number} " * size
                await client.send(text)
                assert await client.recv() == text

    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        for number in range(20):
            tasks.create_task(say(number))


class Written(asyncio.Transport):
    """A transport that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__({"peername": "somebody"})
        self.portions: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.portions.append(bytes(data))

    def is_closing(self) -> bool:
        return False


@pytest.mark.parametrize(
    "size", [0, 1, LARGEST_WRITE, LARGEST_WRITE + 1, 10 * LARGEST_WRITE, 10 * LARGEST_WRITE + 1]
)
def test_what_is_written_goes_out_whole_in_small_portions(size: int) -> None:
    inner, data = Written(), random.Random(size).randbytes(size)

    Portioned(inner).write(data)

    assert b"".join(inner.portions) == data
    assert max(len(portion) for portion in inner.portions) <= LARGEST_WRITE


def test_a_portioned_transport_is_otherwise_as_it_is() -> None:
    portioned = Portioned(Written())

    assert portioned.get_extra_info("peername") == "somebody"
    assert not portioned.is_closing()


def test_all_else_is_the_protocols_to_hear() -> None:
    heard: list[str] = []

    class Protocol(asyncio.Protocol):
        def eof_received(self) -> bool:
            heard.append("eof")
            return True

        def pause_writing(self) -> None:
            heard.append("pause")

        def resume_writing(self) -> None:
            heard.append("resume")

    filled = Filled(Protocol(), read_buffer())
    filled.pause_writing()
    filled.resume_writing()

    assert filled.eof_received()
    assert heard == ["pause", "resume", "eof"]
