"""Log lines about what anybody can cause: each kind at most once in a while, with how often."""

import structlog

from openrooms.kernel.clock import Monotonic, monotonic

log = structlog.get_logger(__name__)

SECONDS = 10.0


class Seldom:
    """Warns of what strangers do, without letting them fill the log."""

    def __init__(self, now: Monotonic = monotonic, *, seconds: float = SECONDS) -> None:
        self._now = now
        self._seconds = seconds
        # For each event: when it may be told again, and how often it has happened since.
        self._next: dict[str, float] = {}
        self._missed: dict[str, int] = {}

    def warn(self, event: str, **facts: object) -> None:
        """Tell it, or count it until it may be told again."""
        now = self._now()
        if now < self._next.get(event, now):
            self._missed[event] = self._missed.get(event, 0) + 1
            return
        self._next[event] = now + self._seconds
        log.warning(event, not_told_before=self._missed.pop(event, 0), **facts)
