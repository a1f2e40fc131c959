"""Passes on to the people in a call what one of them tells of his network and devices.

Nothing of it is kept.
"""

from collections.abc import Sequence

from openrooms.calling.agents import Agents
from openrooms.calling.diagnostics_wire import Diagnosis, diagnostics
from openrooms.calling.errors import NotInCall, TooManyToTell, TooOften
from openrooms.calling.joining import Agent
from openrooms.calling.moderation import Moderation
from openrooms.calling.rates import Rates
from openrooms.calling.watches import CONNECTING, Watches
from openrooms.kernel.clock import Monotonic, monotonic

# Of one leg, as the hosted service does.
A_MINUTE = 3
MOST_PEOPLE = 20


class Diagnosing:
    """Tells those who are connected in a call about each other."""

    def __init__(
        self,
        moderation: Moderation,
        watches: Watches,
        agents: Agents,
        *,
        now: Monotonic = monotonic,
    ) -> None:
        self._moderation = moderation
        self._watches = watches
        self._agents = agents
        self._rates = Rates(A_MINUTE / 60, A_MINUTE, now=now)

    async def tell(self, agent: Agent, call_id: str, diagnoses: Sequence[Diagnosis]) -> None:
        """Tell the others who are connected in the call.

        Raises `NotInCall`, also for who is not connected yet, `TooManyToTell`, or `TooOften`.
        """
        own, people = await self._moderation.among(agent, call_id)
        if not self._is_connected(own.id):
            raise NotInCall
        if people > MOST_PEOPLE:
            raise TooManyToTell(MOST_PEOPLE)
        if not self._rates.take(own.id):
            raise TooOften
        for line in self._agents.in_call(call_id):
            leg = line.leg_in(call_id)
            if leg is not None and leg.id != own.id and self._is_connected(leg.id):
                line.post(diagnostics(own, diagnoses))

    def _is_connected(self, leg_id: str) -> bool:
        """Whether it has been: media that is missing for the moment is what it tells of."""
        return self._watches.state(leg_id) != CONNECTING
