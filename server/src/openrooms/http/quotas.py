"""How often, and how much at once, one resource may ask: no tenant takes what is another's.

A quota refills steadily and can be spent at once. What a resource has running at once is bounded
always; what comes on top waits in a line of the resource's own, so it is only itself that it delays.
"""

import asyncio
import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from openrooms.http.errors import TooManyRequests
from openrooms.kernel.clock import Monotonic, monotonic
from openrooms.metrics import REQUESTS_LIMITED

# How many of them are remembered before those are dropped that are whole again.
MOST_KNOWN = 10_000
# Enough to share commits, and few enough for others to get a word in; what may wait behind them.
MOST_RUNNING = 32
MOST_WAITING = 1024


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` requests in `seconds`, of which `burst` at once."""

    count: int
    seconds: float
    burst: int

    @property
    def interval(self) -> float:
        return self.seconds / self.count


class Quotas:
    """What each resource has left of each quota."""

    def __init__(self, rates: Mapping[str, Rate], now: Monotonic = monotonic) -> None:
        self._rates = rates
        self._now = now
        # For each resource and quota the moment at which it is whole again.
        self._whole_at: dict[tuple[str, str], float] = {}

    def spend(self, resource_id: str, quota: str) -> None:
        """Take one request of a quota. Raises `TooManyRequests` when nothing is left of it."""
        rate = self._rates.get(quota)
        if rate is None:
            return
        now, key = self._now(), (resource_id, quota)
        whole_at = max(self._whole_at.get(key, now), now) + rate.interval
        wait = whole_at - now - rate.burst * rate.interval
        # A hair of rounding is nobody's fault.
        if wait > rate.interval / 1000:
            REQUESTS_LIMITED.labels(quota).inc()
            raise TooManyRequests(max(1, math.ceil(wait)))
        self._whole_at[key] = whole_at
        if len(self._whole_at) > MOST_KNOWN:
            self._forget(now)

    def _forget(self, now: float) -> None:
        self._whole_at = {key: at for key, at in self._whole_at.items() if at > now}


class Shares:
    """Bounds what one resource has running at once, and what waits for it."""

    def __init__(self, *, running: int = MOST_RUNNING, waiting: int = MOST_WAITING) -> None:
        self._most_running = running
        self._most_waiting = waiting
        # By resource, where there is any.
        self._running: dict[str, int] = {}
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    def enter(self, resource_id: str) -> bool:
        """Take a place to run in. False when all are taken: `wait` for one."""
        running = self._running.get(resource_id, 0)
        if running >= self._most_running:
            return False
        self._running[resource_id] = running + 1
        return True

    async def wait(self, resource_id: str) -> None:
        """Wait for a place, behind those who came before. Raises `TooManyRequests`."""
        waiting = self._waiting.setdefault(resource_id, deque())
        if len(waiting) >= self._most_waiting:
            REQUESTS_LIMITED.labels("at_once").inc()
            raise TooManyRequests(1)
        place = asyncio.get_running_loop().create_future()
        waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                # It came too late.
                self.leave(resource_id)
            raise

    def leave(self, resource_id: str) -> None:
        """Give the place to who has waited longest, or back."""
        waiting = self._waiting.get(resource_id)
        while waiting:
            place = waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        running = self._running[resource_id] - 1
        if running:
            self._running[resource_id] = running
            return
        del self._running[resource_id]
        self._waiting.pop(resource_id, None)
