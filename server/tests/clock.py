"""Clocks for tests: they move when the test says so."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class HandClock:
    """The time, in the test's hand."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(slots=True)
class HandSeconds:
    """Monotonic seconds, in the test's hand."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds
