"""What is written in one turn of the loop goes out in one piece, in order, and before a close."""

import asyncio
from typing import cast

import pytest

from openrooms.http.joining import MOST_HELD, JoinedTransport

pytestmark = pytest.mark.anyio


class Pipe(asyncio.Transport):
    """A transport that keeps what was asked of it."""

    def __init__(self) -> None:
        super().__init__({"sslcontext": "yes"})
        self.heard: list[bytes | str] = []
        self.closing = False

    def write(self, data: object) -> None:
        self.heard.append(cast("bytes", data))

    def close(self) -> None:
        self.heard.append("close")

    def abort(self) -> None:
        self.heard.append("abort")

    def is_closing(self) -> bool:
        return self.closing

    def get_write_buffer_size(self) -> int:
        return 100

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.heard.append(f"from {low} to {high}")


def joined(pipe: Pipe) -> JoinedTransport:
    return JoinedTransport(pipe, asyncio.get_running_loop())


async def turn() -> None:
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_head_and_body_go_out_together() -> None:
    pipe = Pipe()
    transport = joined(pipe)
    transport.write(b"head")
    transport.write(b"body")
    assert pipe.heard == []
    await turn()

    assert pipe.heard == [b"headbody"]


async def test_what_is_held_counts_as_not_yet_sent() -> None:
    transport = joined(Pipe())
    transport.write(b"head")

    assert transport.get_write_buffer_size() == 4 + 100


async def test_the_next_turn_writes_anew() -> None:
    pipe = Pipe()
    transport = joined(pipe)
    for text in (b"one", b"two"):
        transport.write(text)
        await turn()

    assert pipe.heard == [b"one", b"two"]


async def test_much_does_not_wait() -> None:
    pipe = Pipe()
    transport = joined(pipe)
    transport.write(b"x" * (MOST_HELD + 1))

    assert len(pipe.heard) == 1
    await turn()
    assert len(pipe.heard) == 1


async def test_a_close_comes_after_what_was_written() -> None:
    pipe = Pipe()
    transport = joined(pipe)
    transport.write(b"last")
    transport.close()
    await turn()

    assert pipe.heard == [b"last", "close"]


async def test_an_abort_drops_what_was_written() -> None:
    pipe = Pipe()
    transport = joined(pipe)
    transport.write(b"last")
    transport.abort()
    await turn()

    assert pipe.heard == ["abort"]


async def test_nothing_is_written_to_who_is_gone() -> None:
    pipe = Pipe()
    transport = joined(pipe)
    transport.write(b"last")
    pipe.closing = True
    await turn()

    assert pipe.heard == []
    assert transport.is_closing()


async def test_what_is_whole_is_sent_at_once_behind_what_was_written() -> None:
    pipe = Pipe()
    transport = joined(pipe)
    transport.write(b"first")
    transport.send(b"second")

    assert pipe.heard == [b"first", b"second"]
    pipe.closing = True
    transport.send(b"third")
    assert pipe.heard == [b"first", b"second"]


async def test_the_rest_is_the_transports_own() -> None:
    assert joined(Pipe()).get_extra_info("sslcontext") == "yes"
    assert joined(Pipe()).get_extra_info("nothing", 1) == 1
    pipe = Pipe()
    joined(pipe).set_write_buffer_limits(high=2, low=1)
    assert pipe.heard == ["from 1 to 2"]
