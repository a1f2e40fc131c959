"""What the people in a call are told of each other: the roster as a stream of differences.

For each call one list of legs is held as it was last told. A client that joins is given that list;
from then on it gets every difference, so that nobody ever sees a gap.
"""

import asyncio
from collections.abc import Callable

import structlog

from openrooms.calling import wire
from openrooms.calling.agents import Agents
from openrooms.calling.model import Leg
from openrooms.calling.service import Calls
from openrooms.calling.watches import CONNECTING
from openrooms.storage.errors import DatabaseAway

log = structlog.get_logger(__name__)

GATHER_SECONDS = 0.1


class Views:
    """Tells the agents of each call who else is in it."""

    def __init__(self, calls: Calls, agents: Agents, *, state: Callable[[str], str]) -> None:
        self._calls = calls
        self._agents = agents
        self._state = state
        self._told: dict[str, dict[str, wire.LegView]] = {}
        self._changed: set[str] = set()
        self._wake = asyncio.Event()

    def touch(self, call_id: str) -> None:
        """Something about a leg of this call has changed."""
        self._changed.add(call_id)
        self._wake.set()

    async def load(self, call_id: str) -> None:
        """Make sure that the call's list is held."""
        if call_id not in self._told:
            seen = self._seen(await self._calls.live_legs(call_id))
            self._told.setdefault(call_id, seen)

    def others(self, leg: Leg) -> list[wire.LegView]:
        """Everyone but `leg` itself, as last told."""
        told = self._told.get(leg.call_id, {})
        return [view for view in told.values() if view.participant_id != leg.id]

    async def run(self) -> None:
        """Send the differences, gathered for 100 ms, for ever."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._wake.clear()
            changed, self._changed = self._changed, set()
            for call_id in changed:
                try:
                    await self._tell(call_id)
                except DatabaseAway as error:
                    log.warning("roster_not_told", call=call_id, why=type(error).__name__)
                    self.touch(call_id)

    async def _tell(self, call_id: str) -> None:
        now = self._seen(await self._calls.live_legs(call_id))
        before = self._told.get(call_id, {})
        changed = [view for leg_id, view in now.items() if before.get(leg_id) != view]
        removed = [leg_id for leg_id in before if leg_id not in now]
        listeners = self._agents.in_call(call_id)
        if now or listeners:
            self._told[call_id] = now
        else:
            self._told.pop(call_id, None)
        if changed or removed:
            for agent in listeners:
                agent.post(wire.legs_changed(call_id, changed, removed))

    def _seen(self, legs: list[Leg]) -> dict[str, wire.LegView]:
        views = [wire.view_of_leg(leg, self._state(leg.id)) for leg in legs]
        return {view.participant_id: view for view in views if view.state != CONNECTING}
