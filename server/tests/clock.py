"""A clock for tests: it moves when the test says so."""

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
