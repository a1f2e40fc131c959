"""Clients who send next to nothing, or read nothing, by the hundred: they are cut off, and nobody else notices."""

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from inputs.rows.a_framing import SLOW_ROWS
from support.inputs.house import House
from support.inputs.oracle import check_wanted
from support.inputs.rows import Raw, Row, get, post
from support.inputs.wire import Heard
from support.report import figure, lines

HALF_HEADS, SLOW_BODIES, DEAF = 900, 500, 10
PIPELINED = 10_000
HEADS_WITHIN, BODIES_WITHIN, DEAF_WITHIN = 10.0, 30.0, 30.0
MOST_GROWTH = 64 * 2**20
GOOD_REQUESTS = 300
# What is fast stays fast: below this, twice as slow is nothing that anybody sees.
UNSEEN = 0.1


@dataclass(slots=True)
class Siege:
    """How long each of the besiegers lasted."""

    heads: list[float] = field(default_factory=list)
    bodies: list[float] = field(default_factory=list)
    deaf: list[float] = field(default_factory=list)
    good: list[float] = field(default_factory=list)
    silent: list[tuple[Row, Heard]] = field(default_factory=list)


@pytest.fixture(scope="module")
def siege(any_house: House) -> tuple[Siege, list[float], int]:
    """The whole of it: what happened, a good client's times before it, and how the server grew."""
    calm = [any_house.well(get("/rooms/<room>")).took for _ in range(GOOD_REQUESTS)]
    memory = any_house.memory()
    seen = Siege()
    asyncio.run(_besiege(any_house, seen))
    return seen, calm, any_house.memory() - memory


@pytest.mark.line("A15")
def test_who_falls_silent_in_the_middle_is_answered_or_cut(
    siege: tuple[Siege, list[float], int],
) -> None:
    seen, _, _ = siege

    assert len(seen.silent) == 2 * len(SLOW_ROWS)
    for row, heard in seen.silent:
        check_wanted(row.wanted, heard)
        assert heard.took <= row.wanted.within, row.name


@pytest.mark.line("A16")
def test_nine_hundred_half_heads_are_cut_in_ten_seconds(
    siege: tuple[Siege, list[float], int],
) -> None:
    seen, _, _ = siege

    assert len(seen.heads) == HALF_HEADS
    figure("A16, longest half head", max(seen.heads), at_most=HEADS_WITHIN, unit="s")


@pytest.mark.line("A21")
def test_five_hundred_slow_bodies_are_cut_in_thirty_seconds(
    siege: tuple[Siege, list[float], int],
) -> None:
    seen, _, _ = siege

    assert len(seen.bodies) == SLOW_BODIES
    figure("A21, longest slow body", max(seen.bodies), at_most=BODIES_WITHIN, unit="s")


@pytest.mark.line("A20")
def test_who_asks_ten_thousand_times_and_reads_nothing_is_dropped(
    siege: tuple[Siege, list[float], int],
) -> None:
    seen, _, grown = siege

    assert len(seen.deaf) == DEAF
    figure("A20, longest deaf client", max(seen.deaf), at_most=DEAF_WITHIN, unit="s")
    figure(
        "A16, A20, A21, growth of the server",
        grown / 2**20,
        at_most=MOST_GROWTH / 2**20,
        unit="MiB",
    )


@pytest.mark.line("A16", "A21")
def test_a_good_client_hardly_notices(siege: tuple[Siege, list[float], int]) -> None:
    seen, calm, _ = siege

    before, during = _p99(calm), _p99(seen.good)
    lines.append(
        f"a good client's p99: {before * 1000:.1f} ms before, {during * 1000:.1f} ms meanwhile"
    )
    figure("a good client's p99", during, at_most=max(2 * before, UNSEEN), unit="s")


async def _besiege(house: House, seen: Siege) -> None:
    head = b"GET /rooms HTTP/1.1\r\nHost: localhost\r\nX-Half: "
    slow = house.bytes_of(post("/rooms", b"{" + b" " * 98 + b"}"), "plain")
    greedy = house.bytes_of(get("/rooms"), "plain") * PIPELINED
    raws = [(row, row.send) for row in SLOW_ROWS if isinstance(row.send, Raw)]
    cases = [(row, sent, door) for row, sent in raws for door in sent.doors]
    # Each of the silent ones has a thread, and so does the good client.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(len(cases) + 1))
    async with asyncio.TaskGroup() as tasks:
        for _ in range(HALF_HEADS):
            tasks.create_task(_wait_out(house, head, seen.heads))
        for _ in range(SLOW_BODIES):
            tasks.create_task(_trickle(house, slow[:-100], seen.bodies))
        for _ in range(DEAF):
            tasks.create_task(_ask_and_never_read(house, greedy, seen.deaf))
        tasks.create_task(asyncio.to_thread(_ask_well, house, seen.good))
        for case in cases:
            tasks.create_task(asyncio.to_thread(_fall_silent, house, case, seen.silent))


async def _wait_out(house: House, sent: bytes, lasted: list[float]) -> None:
    """Send that much and wait for the end."""
    async with _connected(house) as (reader, writer):
        start = time.monotonic()
        writer.write(sent)
        await _end(reader)
        lasted.append(time.monotonic() - start)


async def _trickle(house: House, head: bytes, lasted: list[float]) -> None:
    """A body of which one byte comes each second."""
    async with _connected(house) as (reader, writer):
        start = time.monotonic()
        writer.write(head)
        while True:
            try:
                async with asyncio.timeout(1):
                    await _end(reader)
                break
            except TimeoutError:
                writer.write(b" ")
        lasted.append(time.monotonic() - start)


async def _ask_and_never_read(house: House, sent: bytes, lasted: list[float]) -> None:
    async with _connected(house) as (_, writer):
        start = time.monotonic()
        try:
            writer.write(sent)
            await writer.drain()
            await writer.wait_closed()
        except OSError:
            pass
        lasted.append(time.monotonic() - start)


def _ask_well(house: House, took: list[float]) -> None:
    took.extend(house.well(get("/rooms/<room>")).took for _ in range(GOOD_REQUESTS))


def _fall_silent(house: House, case: tuple[Row, Raw, str], heard: list[tuple[Row, Heard]]) -> None:
    row, sent, door = case
    heard.append((row, house.throw(sent, door)))


@asynccontextmanager
async def _connected(
    house: House,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.doors.plain)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def _end(reader: asyncio.StreamReader) -> None:
    try:
        while await reader.read(65536):
            pass
    except OSError:
        pass


def _p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]
