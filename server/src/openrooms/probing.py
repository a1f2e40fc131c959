"""Has a call with itself every few seconds, as people would have one, and remembers what came of it.

Two participants join the hidden room through the gate, one hears the other through the engine, and
both leave. While the engine is known to be away, or about to end, nothing is tried: that is told as it
is, and says nothing about the rest.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import structlog

from openrooms.calling.hidden import HiddenRoom
from openrooms.kernel.clock import Clock, monotonic, system_clock
from openrooms.kernel.memory import tidy
from openrooms.media.errors import EngineFailed
from openrooms.media.livekit.tokens import KeyPair
from openrooms.media.probe import Outcome, Probe, ProbeBroken, Way
from openrooms.media.ways import Ways, relay_credential, relay_secret
from openrooms.metrics import PROBE_SECONDS, PROBE_WELL_AT, PROBES

log = structlog.get_logger(__name__)

# Who starts a server waits for it, and for what comes first: that has the machine to itself.
FIRST_SECONDS = 2.0
# After one that went wrong, the next is not long in coming.
AGAIN_SECONDS = 2.0
# By then everybody knows of an engine that has just ended, which is another story.
NOTICED_SECONDS = 0.5
# A call takes a tenth of a second; a machine that is busy has time for it.
LEAST_SECONDS, MOST_SECONDS = 4.0, 8.0
SHARE = 0.8
SIGNALLING, MEDIA, RELAY = "signalling", "media", "relay"
BROKEN = "broken"
# The step that proves a part, unless it is to blame for what comes after.
_PROVED_BY: Mapping[str, str] = MappingProxyType({SIGNALLING: "admitted", MEDIA: "connected"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a probe goes through: the gate's URL, the ways to the engine's media, and its keys.

    `away`: whether there is no engine now, or one that is about to end. `lives`: how many there have been.
    """

    gate: str
    ways: Ways
    keys: KeyPair
    away: Callable[[], bool]
    lives: Callable[[], int]


class Prober:
    """Probes every `period` seconds."""

    def __init__(
        self, hidden: HiddenRoom, around: Surroundings, *, program: Path, period: float
    ) -> None:
        self._hidden = hidden
        self._around = around
        self._probe = Probe(program)
        self._period = period
        self._seconds = min(MOST_SECONDS, max(LEAST_SECONDS, SHARE * period))
        self._clock: Clock = system_clock
        self._found: Mapping[str, str | None] = {}

    def found(self) -> Mapping[str, str | None]:
        """What is wrong with each part that the last probe came to; None: nothing."""
        return self._found

    @asynccontextmanager
    async def running(self, look: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
        """Probe for as long as the context is open; `look` is called after each time."""
        async with asyncio.TaskGroup() as group:
            keeper = group.create_task(self._run(look))
            try:
                yield
            finally:
                keeper.cancel()

    async def _run(self, look: Callable[[], Awaitable[object]]) -> None:
        pause = min(FIRST_SECONDS, self._period)
        try:
            while True:
                await asyncio.sleep(pause)
                # By now nothing of the last one lives.
                tidy()
                begun = monotonic()
                well = await self._once()
                await look()
                period = self._period if well else min(AGAIN_SECONDS, self._period)
                pause = max(0.0, begun + period - monotonic())
        finally:
            await self._probe.close()

    async def _once(self) -> bool:
        """Probe, and note what came of it; False when the next try should come soon."""
        lives = self._around.lives()
        outcome = None if self._around.away() else await self._call()
        if outcome is not None and outcome.fault:
            await asyncio.sleep(NOTICED_SECONDS)
        if outcome is None or self._around.away() or lives != self._around.lives():
            self._found = {}
            return False
        self._note(outcome)
        return not outcome.fault

    async def _call(self) -> Outcome | None:
        tickets = self._hidden.open()
        try:
            order = self._way().order(tickets, seconds=self._seconds)
            return await self._probe.call(order, seconds=self._seconds)
        except EngineFailed as error:
            return Outcome(MEDIA, str(error))
        except ProbeBroken as error:
            PROBES.labels(BROKEN).inc()
            log.error("probe_broken", why=str(error))  # noqa: TRY400 (no stack needed)
            return None
        finally:
            self._hidden.close()

    def _way(self) -> Way:
        around = self._around
        secret = relay_secret(around.keys.secret)
        user, password = relay_credential(secret, self._hidden.room, self._clock())
        return Way(around.gate, around.ways, user, password)

    def _note(self, outcome: Outcome) -> None:
        for step, seconds in outcome.seconds.items():
            PROBE_SECONDS.labels(step).observe(seconds)
        PROBES.labels(outcome.fault or "ok").inc()
        if not outcome.fault:
            PROBE_WELL_AT.set(self._clock().timestamp())
        before, self._found = self._found, self._judge(outcome)
        if outcome.fault and before.get(outcome.fault) is None:
            log.warning("probe_failed", part=outcome.fault, why=outcome.why)
        elif not outcome.fault and any(before.values()):
            log.info("probe_well_again")

    def _judge(self, outcome: Outcome) -> dict[str, str | None]:
        """The parts that were come to: what stands on the one that is to blame was not."""
        parts = [SIGNALLING, MEDIA, RELAY] if self._around.ways.turn_port else [SIGNALLING, MEDIA]
        if not outcome.fault:
            return dict.fromkeys(parts)
        come_to = [part for part, step in _PROVED_BY.items() if step in outcome.seconds]
        return {**dict.fromkeys(come_to), outcome.fault: outcome.why}
