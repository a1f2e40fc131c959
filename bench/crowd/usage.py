"""What the programs of a run take of the machine, and what nobody of the run explains."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import psutil

from tools.terminal import say

T = TypeVar("T")

# Of one core. More of it by others, and a figure tells more of them than of us.
MOST_UNEXPLAINED = 0.2
TRIES = 4


@dataclass(frozen=True, slots=True)
class Used:
    """Processor time in seconds: by each program of the run, and by the whole machine."""

    seconds: float
    by: Mapping[str, float]
    machine: float

    @property
    def unexplained(self) -> float:
        """What others took, as a share of one core."""
        return max(0.0, self.machine - sum(self.by.values())) / self.seconds

    def since(self, before: "Used") -> "Used":
        by = {name: used - before.by[name] for name, used in self.by.items()}
        return Used(self.seconds - before.seconds, by, self.machine - before.machine)


class Meter:
    """Reads what the programs of a run use, and has done again what others disturbed."""

    def __init__(self, **programs: psutil.Process) -> None:
        self._programs = programs | {"measuring": psutil.Process()}
        # The most that others took in anything that counts.
        self.unexplained = 0.0

    def read(self) -> Used:
        """What was used so far."""
        by = {name: _used_by(process) for name, process in self._programs.items()}
        return Used(time.monotonic(), by, _used_of_machine())

    def undisturbed(
        self, what: str, run: Callable[[], T], *, first: Callable[[], object] = lambda: None
    ) -> tuple[T, Used]:
        """What a run gives and uses: of the first that nobody disturbs, or of the least disturbed one.

        `first` comes before each, and is not measured.
        """
        tries: list[tuple[T, Used]] = []
        while len(tries) < TRIES:
            first()
            before = self.read()
            given = run()
            used = self.read().since(before)
            tries.append((given, used))
            if used.unexplained <= MOST_UNEXPLAINED:
                break
            say(f"{what}: others took {used.unexplained:.0%} of a core; thrown away")
        best = min(tries, key=lambda one: one[1].unexplained)
        if best[1].unexplained > MOST_UNEXPLAINED:
            say(f"{what}: no try was undisturbed; the least disturbed of {TRIES} counts")
        self.unexplained = max(self.unexplained, best[1].unexplained)
        return best


def _used_by(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _used_of_machine() -> float:
    times = psutil.cpu_times()
    # What guests use is in `user` already. What a host kept from us was somebody else's.
    idle = times.idle + getattr(times, "iowait", 0.0)
    guests = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    return float(sum(times) - idle - guests)
