"""How often a client may speak: a bucket of tokens that fills with time."""

from openrooms.kernel.clock import monotonic


class Rate:
    """Allows `at_once` messages together and `a_second` on average."""

    def __init__(self, a_second: float, at_once: int) -> None:
        self._a_second = a_second
        self._at_once = float(at_once)
        self._left = self._at_once
        self._seen = monotonic()

    def take(self) -> bool:
        """Count one message; False when there were too many."""
        now = monotonic()
        self._left = min(self._at_once, self._left + (now - self._seen) * self._a_second)
        self._seen = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
