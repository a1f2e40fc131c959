"""Exploring for a given time, by a seed; what fails is made as small as can be and kept."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as seeded
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")

RESULTS = Path(__file__).parents[3] / "test-results" / "fuzz"
AT_ONCE = 100
SETTINGS = settings(
    max_examples=AT_ONCE,
    database=None,
    deadline=None,
    print_blob=False,
    verbosity=Verbosity.quiet,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
)


def explore(
    name: str, inputs: SearchStrategy[T], hold: Callable[[T], object], *, seconds: float, seed: int
) -> int:
    """Hold the server to what must be, for input after input, until the time is up; how many rounds.

    A failure ends it. The smallest input that fails so is told, and kept in a file with its seed.
    """
    failing: list[T] = []
    rounds, end = 0, time.monotonic() + seconds

    def look(one: T) -> None:
        try:
            hold(one)
        except BaseException:
            failing[:] = [one]
            raise

    while rounds == 0 or time.monotonic() < end:
        trial = seeded(seed + rounds)(SETTINGS(given(inputs)(look)))
        try:
            trial()
        except BaseException as error:
            error.add_note(_keep(name, seed + rounds, failing))
            raise
        rounds += 1
    return rounds


def _keep(name: str, seed: int, failing: list[T]) -> str:
    RESULTS.mkdir(parents=True, exist_ok=True)
    file = RESULTS / f"{re.sub(r'[^a-z0-9]+', '-', name)}-{seed}.txt"
    file.write_text(f"seed {seed}\n" + "\n".join(map(repr, failing)) + "\n")
    return f"{name}: seed {seed}; the smallest input that fails so is in {file}: --seed {seed}"
