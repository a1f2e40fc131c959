"""What the engine says is had at once, or waits: all of it once, as it was said, in its order."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import BINARY, CONT, PING, Frame

from openrooms.media.livekit.line import EngineLine

pytestmark = pytest.mark.anyio

SIZES = (0, 1, 2, 3, 125, 126, 127, 1_000, 65_535, 65_536)


def framed(frames: Sequence[Frame]) -> list[bytes]:
    """As a server sends them."""
    return [frame.serialize(mask=False) for frame in frames]


def binary(size: int) -> Frame:
    return Frame(BINARY, random.Random(size).randbytes(size))


async def wait(socket: ServerConnection) -> None:
    await socket.wait_closed()


@asynccontextmanager
async def opened(
    serving: Callable[[ServerConnection], Awaitable[None]] = wait,
) -> AsyncIterator[EngineLine]:
    """A line to a server that says nothing: a test says it."""
    async with serve(serving, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        line = await connect(
            f"ws://127.0.0.1:{port}/",
            compression=None,
            proxy=None,
            max_queue=None,
            create_connection=EngineLine,
        )
        assert isinstance(line, EngineLine)
        yield line
        await line.close()


async def test_only_what_has_nothing_before_it_is_offered(anyio_backend: str) -> None:
    first, second, third = framed([binary(10), binary(20), binary(30)])
    taken: list[bytes] = []

    def take(message: bytes) -> bool:
        taken.append(message)
        return True

    async with asyncio.timeout(10), opened() as line:
        line.data_received(first)
        line.taker = take
        line.data_received(second)
        waited = [await line.recv(), await line.recv()]
        line.unread = 0
        line.data_received(third)

    assert waited == [binary(10).data, binary(20).data]
    assert taken == [binary(30).data]


async def test_pings_are_answered_and_what_is_said_at_once_arrives(anyio_backend: str) -> None:
    async def serve_one(socket: ServerConnection) -> None:
        # The second has a text, and is the library's to answer.
        for text in (b"", b"text"):
            await (await socket.ping(text))
        await socket.send(await socket.recv())
        await socket.close()

    async with asyncio.timeout(10), opened(serve_one) as line:
        line.send_at_once(b"one")
        heard = await line.recv()
        await line.wait_closed()
        # Nobody hears it, and nothing goes wrong.
        line.send_at_once(b"two")

    assert heard == b"one"


async def test_what_looks_like_a_message_within_another_is_none(anyio_backend: str) -> None:
    (within,) = framed([binary(18)])
    (whole_one,) = framed([Frame(BINARY, within)])
    taken: list[bytes] = []

    def take(message: bytes) -> bool:
        taken.append(message)
        return True

    async with asyncio.timeout(10), opened() as line:
        line.taker = take
        line.data_received(whole_one[:2])
        line.data_received(whole_one[2:])
        heard = await line.recv()

    assert heard == within
    assert not taken


@pytest.mark.parametrize("seed", range(20))
async def test_however_it_comes_nothing_is_lost_changed_or_out_of_order(
    anyio_backend: str, seed: int
) -> None:
    chance = random.Random(seed)
    sizes = [chance.choice(SIZES) for _ in range(30)]
    said = [binary(size).data for size in sizes]
    frames: list[Frame] = []
    for data in said:
        half = chance.randrange(len(data) + 1)
        if chance.random() < 0.2:
            frames += [Frame(BINARY, data[:half], fin=False), Frame(PING, b"between")]
            frames += [Frame(CONT, data[half:])]
        else:
            frames += [Frame(BINARY, data)]
    heard: list[bytes] = []

    def take(message: bytes) -> bool:
        if chance.random() < 0.3:
            return False
        heard.append(message)
        return True

    async with asyncio.timeout(20), opened() as line:
        line.taker = take
        for data in pieces(framed(frames), chance):
            line.data_received(data)
            while line.unread:
                message = await line.recv()
                assert isinstance(message, bytes)
                heard.append(message)
                line.unread -= 1

    assert heard == said


def pieces(frames: Sequence[bytes], chance: random.Random) -> Sequence[bytes]:
    """As a network hands them over: most alone, some in parts, some together with the next."""
    given = [b""]
    for frame in frames:
        if chance.random() < 0.2:
            cut = chance.randrange(len(frame))
            given[-1] += frame[:cut]
            given.append(frame[cut:])
        else:
            given[-1] += frame
        if chance.random() < 0.8:
            given.append(b"")
    return [one for one in given if one]
