"""Deadlines that are set and cleared with every request, of which hardly one ever comes."""

import asyncio
from collections.abc import Callable

from openrooms.kernel.clock import monotonic


class Deadline:
    """A moment at which something is done, unless it is put off or cleared before.

    One timer runs on and looks, when it ends, how far the moment has moved meanwhile: a timer for
    each setting would cost a request more than all that it guards.
    """

    __slots__ = ("_act", "_due", "_looks_at", "_loop", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
        self._loop = loop
        self._act = act
        self._due: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._looks_at = 0.0

    @property
    def is_set(self) -> bool:
        return self._due is not None

    def set(self, seconds: float) -> None:
        """So many seconds from now on; whatever was set before holds no more."""
        self._due = due = monotonic() + seconds
        if self._timer is not None and self._looks_at > due:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._start(seconds)

    def clear(self) -> None:
        self._due = None

    def close(self) -> None:
        """Never act again."""
        self._due = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _start(self, seconds: float) -> None:
        self._looks_at = monotonic() + seconds
        self._timer = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._due is None:
            return
        left = self._due - monotonic()
        if left > 0:
            self._start(left)
        else:
            self._due = None
            self._act()
