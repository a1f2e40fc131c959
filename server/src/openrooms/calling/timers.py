"""Has happen what is due. Timers are rows: a restart forgets none, and each start goes on with them.

The row says when to look; what happens is decided anew then, in a transaction that reads what the
timer stands for. What cannot be written now stays due, and is tried again at the next tick.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import TypeAlias

import structlog

from openrooms.calling import timer_store
from openrooms.calling.decisions import Decisions
from openrooms.calling.served import Served
from openrooms.calling.timer_store import Outlook, Timer
from openrooms.calling.timing import INTERVALS, Now, What
from openrooms.kernel.clock import Clock, Monotonic
from openrooms.storage.errors import DatabaseAway

log = structlog.get_logger(__name__)

# How late a timer may be; so soon it is noticed, too, that the machine's clock was set.
TICK = 0.5
SHORTEST_PAUSE = 0.01
# Another process may have moved a timer.
LOOK_SECONDS = 5.0
# What a crash takes of the time that was served.
KEEP_SECONDS = 2.0
_NOTHING = Outlook([], None, None)

# Decides what becomes of a leg or a call, whose id it is given. It may come twice, and too late.
Handler: TypeAlias = Callable[[str], Awaitable[None]]


class Timers:
    """Fires timers. Call `stir` whenever some may have been armed."""

    def __init__(
        self,
        decisions: Decisions,
        handlers: Mapping[What, Handler],
        *,
        clock: Clock,
        served: Served,
        monotonic: Monotonic,
    ) -> None:
        self._decisions = decisions
        self._handlers = handlers
        self._clock = clock
        self._served = served
        self._monotonic = monotonic
        self._outlook = _NOTHING
        self._stirred = True
        self._looked = self._kept = monotonic()

    def stir(self) -> None:
        """Look at the next tick whether something has come nearer."""
        self._stirred = True

    async def run(self) -> None:
        """Fire what is due when it is due, for ever."""
        while True:
            await self.tick()
            await asyncio.sleep(self._pause())

    async def tick(self) -> None:
        """Fire what is due now. The database is asked only if there may be something."""
        if not self._may_be_due():
            return
        self._stirred = False
        try:
            await self._look()
        except DatabaseAway as error:
            log.warning("timers_wait", why=type(error).__name__)
            self._stirred = True

    def _may_be_due(self) -> bool:
        next_moment, next_interval = self._outlook.moment, self._outlook.interval
        return (
            self._stirred
            or self._monotonic() - self._looked >= LOOK_SECONDS
            or (next_moment is not None and next_moment <= self._clock())
            or (next_interval is not None and next_interval <= self._served())
        )

    def _pause(self) -> float:
        waits = [TICK]
        if self._outlook.moment is not None:
            waits.append((self._outlook.moment - self._clock()) / timedelta(seconds=1))
        if self._outlook.interval is not None:
            waits.append((self._outlook.interval - self._served()) / timedelta(seconds=1))
        return max(min(waits), SHORTEST_PAUSE)

    async def _look(self) -> None:
        self._looked = self._monotonic()
        now = Now(self._clock(), self._served())
        self._outlook = await self._decisions.read(
            partial(timer_store.look, whats=self._handlers.keys(), now=now)
        )
        await self._keep_served()
        for timer in self._outlook.due:
            # What it arms may be due before all that was seen.
            self._stirred = True
            await self._fire(timer)

    async def _keep_served(self) -> None:
        running = self._outlook.interval is not None or self._outlook.due
        if running and self._monotonic() - self._kept >= KEEP_SECONDS:
            until = self._served()
            await self._decisions.write(partial(timer_store.keep_served, until=until))
            self._served.note_kept(until)
            self._kept = self._monotonic()

    async def _fire(self, timer: Timer) -> None:
        try:
            await self._handlers[timer.what](timer.subject)
            if timer.what in INTERVALS:
                # Served time never goes back: what is left as it was is done with.
                await self._decisions.write(partial(timer_store.drop, done=timer))
        except DatabaseAway:
            raise
        except Exception:
            # The top of a task. The timer stays due, and the others are not held up.
            log.exception("timer_failed", what=timer.what, subject=timer.subject)
