"""Waiting: every wait has a deadline, says what it waited for, and looks often."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_never = threading.Event()


class TooLate(AssertionError):
    """What was waited for did not come in time."""


def wait_for(
    what: str, look: Callable[[], T | None], *, within: float, every: float = 0.05
) -> tuple[T, float]:
    """Look until there is something true; gives it, and the seconds it took."""
    start = time.monotonic()
    while True:
        found = look()
        took = time.monotonic() - start
        if found:
            return found, took
        if took > within:
            raise TooLate(f"{what}: not within {within} s; last look gave {found!r}")
        _never.wait(every)


def stays(what: str, look: Callable[[], bool], *, for_seconds: float, every: float = 0.1) -> None:
    """Look for so long; it must be true at each look."""
    end = time.monotonic() + for_seconds
    while time.monotonic() < end:
        assert look(), f"{what}: no longer true"
        _never.wait(every)
