"""Repairs what acting missed: every five seconds, and at start, the database is made true again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import structlog

from openrooms.calling.agents import Agents
from openrooms.calling.consequences import TokensRevoked
from openrooms.calling.enforcer import Enforcer
from openrooms.calling.memory import LegMemory
from openrooms.calling.model import MEDIA_MISUSED, Leg
from openrooms.calling.publications import Publications
from openrooms.calling.service import Calls
from openrooms.calling.vitals import Link
from openrooms.calling.watches import Watches
from openrooms.kernel.clock import Monotonic
from openrooms.media.engine import Engine, Presence, Source
from openrooms.media.errors import EngineAway
from openrooms.storage.errors import DatabaseAway

log = structlog.get_logger(__name__)

SECONDS = 5.0
TICK = 0.5
_VIDEO = frozenset({Source.CAMERA, Source.SCREEN_SHARE})


@dataclass(slots=True)
class Reconciler:
    """Compares, and mends."""

    calls: Calls
    engine: Engine
    watches: Watches
    publications: Publications
    agents: Agents
    enforcer: Enforcer
    memory: LegMemory
    monotonic: Monotonic
    # The room in which nobody is but the server itself.
    hidden: str
    _due: float = 0.0
    # Whether the database was away at the last try to do something with it.
    _blind: bool = False

    def hurry(self) -> None:
        """Reconcile at the next tick: another process has changed something."""
        self._due = 0.0

    async def run(self) -> None:
        """Reconcile every five seconds, end the quiet and the greedy every half second, for ever."""
        while True:
            if self.monotonic() >= self._due:
                self._due = self.monotonic() + SECONDS
                await self._try(self.reconcile)
            await self._try(self.end_quiet)
            await self._try(self.end_greedy)
            await asyncio.sleep(TICK)

    async def _try(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except (EngineAway, DatabaseAway) as error:
            self._blind = self._blind or self.calls.database_is_away
            log.warning("reconcile_failed", why=type(error).__name__)

    async def end_quiet(self) -> None:
        """End who has been quiet for too long; not while nobody could have said a word to us."""
        if self._blind:
            return
        for leg_id, reason in self.watches.overdue():
            await self.calls.end(leg_id, reason)

    async def end_greedy(self) -> None:
        """End who sends the same thing several times. What reports say is looked at before it counts."""
        for room in self.publications.suspects():
            await self._try(partial(self._compare, room))

    def engine_lost(self) -> None:
        """There is no engine: nobody has media."""
        self.watches.engine_gone()

    async def engine_started_anew(self) -> None:
        """A new engine knows nobody: what there was is gone."""
        self.watches.engine_gone()
        await self._try(self.reconcile)

    async def reconcile(self) -> None:
        """One round. What nobody may have is ended first; the engine is compared afterwards."""
        await self.calls.settle_all()
        await self._sign_out()
        await self._watch()
        rooms = await self.engine.rooms()
        calls = await self.calls.live_calls()
        self.publications.keep({call.id for call in calls})
        for room in sorted(set(rooms) - {call.id for call in calls} - {self.hidden}):
            await self._close(room)
        for call in calls:
            await self._try(partial(self._compare, call.id))

    async def _sign_out(self) -> None:
        """Sign out agents whose tokens were revoked where nobody here heard of it."""
        void = await self.calls.void([line.agent for line in self.agents.all()])
        # An agent that has a new token meanwhile is another agent.
        for line in self.agents.all() if void else ():
            if line.agent in void:
                self.enforcer.follow([TokensRevoked(line.agent.raw_id)])

    async def _watch(self) -> None:
        """Watch exactly the live legs, and believe the agents that are connected here."""
        watched = self.watches.watched()
        legs = {leg.id: leg for leg in await self.calls.all_live_legs()}
        self.memory.confirm(legs.values())
        if self._blind:
            self._blind = False
            self.watches.begin_anew()
        for leg in legs.values():
            self.watches.begin(leg)
            line = self.agents.of_leg(leg)
            if line is not None:
                self.watches.agent(leg.id, Link.OPEN)
            else:
                self.watches.agent_missing(leg.id)
        for leg_id in watched:
            if leg_id not in legs:
                self.watches.forget(leg_id)

    async def _close(self, room: str) -> None:
        # Looked at again: the call may have begun after the list of rooms was made.
        if not await self.calls.is_live(room):
            log.warning("stray_room_closed", room=room)
            await self.engine.close_room(room)

    async def _compare(self, call_id: str) -> None:
        looked = self.monotonic()
        presences = await self.engine.presences(call_id)
        self.publications.found(call_id, presences, looked=looked)
        legs = {leg.seat: leg for leg in await self.calls.live_legs(call_id)}
        for presence in presences:
            leg = legs.get(presence.identity)
            if leg is None:
                log.warning("stranger_at_engine", room=call_id, participant=presence.identity)
                await self.engine.remove(call_id, presence.identity)
            else:
                await self._mend(leg, presence, looked=looked)
        there = {presence.identity for presence in presences if presence.active}
        for leg in legs.values():
            # What was seen since is newer than this list.
            if leg.seat not in there and self.watches.media_since(leg.id) < looked:
                self.watches.missing(leg.id)

    async def _mend(self, leg: Leg, presence: Presence, *, looked: float) -> None:
        if misused(presence) or self.publications.overdone(leg.call_id, presence.connection):
            await self.calls.end(leg.id, MEDIA_MISUSED)
            return
        if presence.active and self.watches.media_since(leg.id) < looked:
            self.watches.joined(leg.id, presence.connection)
            if not leg.connected:
                await self.calls.connected(leg.id)
        if presence.grants != leg.grants:
            self.enforcer.order(leg.id)


def misused(presence: Presence) -> bool:
    """Whether someone sends a kind of media under the name of another."""
    return any(
        track.source is None or track.is_video != (track.source in _VIDEO)
        for track in presence.tracks
    )
