"""What becomes of legs whose tokens end: a newer token saves them within a minute."""

from functools import partial

from openrooms.calling import store
from openrooms.calling.consequences import Consequence
from openrooms.calling.decisions import Decisions
from openrooms.calling.joining import Agent
from openrooms.calling.model import TOKEN_LAPSED, Leg
from openrooms.calling.settling import Settling
from openrooms.storage.database import Connection


class Lapses:
    """Ends legs whose tokens have ended, unless they are renewed."""

    def __init__(self, decisions: Decisions, settling: Settling) -> None:
        self._decisions = decisions
        self._settling = settling

    async def renew(self, agent: Agent) -> None:
        """The agent has the token that it comes with now, and its legs with it."""
        await self._decisions.decide(partial(self._renew, agent=agent))

    def _renew(self, connection: Connection, *, agent: Agent) -> list[Consequence]:
        legs = store.live_legs_of_agent(connection, agent.id, agent.raw_id)
        # In one order for all, as whoever ends them takes them.
        for leg in sorted(legs, key=lambda leg: leg.call_id):
            if self._held(connection, leg.id) is not None:
                expires_on = agent.caller.expires_on
                self._settling.deadlines.begin_leg(connection, leg.id, expires_on)
        return []

    async def begin(self, leg_id: str) -> None:
        """The leg's token has ended: a newer one may come for a while."""
        await self._decisions.decide(partial(self._begin, leg_id=leg_id))

    def _begin(self, connection: Connection, *, leg_id: str) -> list[Consequence]:
        if self._held(connection, leg_id) is None:
            self._settling.deadlines.end_leg(connection, leg_id)
        else:
            self._settling.deadlines.note_lapse(connection, leg_id)
        return []

    async def end(self, leg_id: str) -> None:
        """No newer token has come."""
        await self._decisions.decide(partial(self._end, leg_id=leg_id))

    def _end(self, connection: Connection, *, leg_id: str) -> list[Consequence]:
        leg = self._held(connection, leg_id)
        if leg is None or not self._settling.deadlines.has_lapsed(connection, leg_id):
            return []
        ended = self._settling.end(connection, leg, TOKEN_LAPSED)
        return [ended, *self._settling.wind_up(connection, leg.call_id, TOKEN_LAPSED)]

    def _held(self, connection: Connection, leg_id: str) -> Leg | None:
        """The leg, if it lives, with its call held."""
        found = store.leg(connection, leg_id)
        if found is None or self._settling.lock(connection, found.call_id) is None:
            return None
        leg = store.leg(connection, leg_id)
        return None if leg is None or leg.end is not None else leg
