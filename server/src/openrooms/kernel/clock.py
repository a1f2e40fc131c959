"""The time. The only module that reads a clock."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
Monotonic: TypeAlias = Callable[[], float]

monotonic: Monotonic = time.monotonic
# Now, in UTC.
system_clock: Clock = partial(datetime.now, UTC)


def shifted_clock(offset: Path) -> Clock:
    """The system's time, shifted by the seconds in a file that is read anew when it changes."""
    seen: tuple[int, int] | None = None
    shift = timedelta()

    def now() -> datetime:
        nonlocal seen, shift
        try:
            stat = offset.stat()
            if seen != (stat.st_mtime_ns, stat.st_size):
                shift = timedelta(seconds=float(offset.read_text() or 0))
                seen = (stat.st_mtime_ns, stat.st_size)
        except (OSError, ValueError):
            # Half-written or not there yet: what held before holds on.
            pass
        return system_clock() + shift

    return now
