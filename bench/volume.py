"""What size costs: the memory after a million creates, and requests beside a million rooms.

The million is made by real requests. Then the same requests go, in turn, to the server that holds
it and to one with a thousand rooms.
"""

import sqlite3
import statistics
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bench import exchanges, programs
from bench.load import drive
from bench.programs import Program
from bench.rest import ROUNDS, cost
from tools.metrics import Bar, Metric
from tools.terminal import say

FEW, MANY = 1_000, 1_000_000
# Signatures and repeatable requests grow old within minutes, so they are made anew for each part.
PART = 50_000
ASKED_FOR = 2_000
MEGABYTE = 1_000_000
MEMORY = Bar("<=", 120)
GROWTH = Bar("<=", 1.15)


def measure(folder: Path) -> Iterator[Metric]:
    """All figures of the two servers."""
    with (
        programs.on_core(programs.CLIENT_CORE),
        programs.ours(folder / "few") as few,
        programs.ours(folder / "many") as many,
    ):
        before = many.resident() / MEGABYTE
        make_rooms(few, FEW)
        make_rooms(many, MANY)
        yield Metric("resident memory before any create", before, "MB")
        name = f"resident memory after {MANY} creates"
        yield Metric(name, many.resident() / MEGABYTE, "MB", MEMORY)
        yield from compare(few, many)


def make_rooms(program: Program, count: int) -> None:
    """Rooms by real requests."""
    for made in range(0, count, PART):
        say(f"Measuring: volume, {made} of {count} rooms made")
        drive([program.port], exchanges.creates(program), count=min(PART, count - made))


def compare(few: Program, many: Program) -> Iterator[Metric]:
    """What each request costs beside many rooms, for each that it costs beside few."""
    ratios: dict[str, list[float]] = {"list page": [], "get": [], "create": []}
    ids = {one: some_rooms(one) for one in (few, many)}
    for number in range(ROUNDS + 1):
        say(f"Measuring: volume, round {number} of {ROUNDS}")
        for name, taken in ratios.items():
            small, large = (
                cost(
                    one,
                    {
                        "list page": exchanges.lists(one),
                        "get": exchanges.gets(one, ids[one]),
                        "create": exchanges.creates(one),
                    }[name],
                ).cost
                for one in (few, many)
            )
            # Round 0 only warms up.
            if number:
                taken.append(large / small)
    for name, taken in ratios.items():
        told = f"{name}: beside {MANY} rooms / beside {FEW}"
        yield Metric(told, statistics.median(taken), "", GROWTH)


def some_rooms(program: Program) -> list[str]:
    """The ids of rooms here and there in a server's database."""
    with closing(
        sqlite3.connect(f"file:{program.data / 'openrooms.db'}?mode=ro", uri=True)
    ) as file:
        rows = file.execute(
            "SELECT id FROM room ORDER BY random() LIMIT ?", (ASKED_FOR,)
        ).fetchall()
    return [str(room_id) for (room_id,) in rows]
