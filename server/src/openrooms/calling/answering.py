"""Answering: what rings at a user's agents, who takes it, and how it stops.

Each operation decides and writes in one transaction that holds the call, as everywhere.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from openrooms.calling import happenings, ring_store, store
from openrooms.calling.consequences import Consequence, LegAccepted
from openrooms.calling.decisions import Decisions
from openrooms.calling.errors import NotRinging, SignedOut
from openrooms.calling.joining import Admission, Agent, Joining, ticket_hash
from openrooms.calling.model import (
    DECLINED,
    DECLINED_BY_ALL,
    JOINED_AGAIN,
    NO_ANSWER,
    UNREACHABLE,
    Call,
    EndReason,
    Leg,
    LegState,
)
from openrooms.calling.settling import Settling
from openrooms.events.store import add as add_event
from openrooms.kernel.ids import new_guid, new_secret
from openrooms.rooms.model import Role
from openrooms.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Ringing:
    """A leg that rings, with the call and the name of who calls."""

    leg: Leg
    call: Call
    caller_name: str


class Answers:
    """What those who are called can do."""

    def __init__(self, decisions: Decisions, settling: Settling, joining: Joining) -> None:
        self._decisions = decisions
        self._settling = settling
        self._joining = joining

    async def accept(
        self,
        agent: Agent,
        leg_id: str,
        *,
        join_id: str,
        ticket: str | None = None,
        then: Callable[[Admission], None] | None = None,
    ) -> Admission:
        """Take a leg that rings. The first agent wins; raises `NotRinging` for the others."""
        accept = partial(
            self._accept,
            agent=agent,
            leg_id=leg_id,
            join_id=join_id,
            ticket=ticket or new_secret(),
        )
        return await self._decisions.decide_and_answer(accept, then=then)

    def _accept(
        self, connection: Connection, *, agent: Agent, leg_id: str, join_id: str, ticket: str
    ) -> tuple[Admission, list[Consequence]]:
        self._settling.identities.keep(connection, agent.caller.user)
        leg, call = self._leg_of(connection, agent, leg_id)
        known = store.leg_of_join(connection, agent.raw_id, agent_id=agent.id, join_id=join_id)
        if known is not None and known.id == leg.id and leg.end is None:
            if not self._joining.signed_in(connection, agent):
                raise SignedOut
            store.change_ticket(connection, leg.id, ticket_hash(ticket))
            return Admission(call, leg, ticket), []
        if leg.state is not LegState.RINGING or leg.end is not None:
            raise NotRinging
        replaced = self._joining.surplus(connection, agent, call)
        role = self._joining.admit(
            connection, agent, call=call, is_new=False, leaving=1 + len(replaced)
        )
        self._joining.check_engine(is_new=False)
        ended = [self._settling.end(connection, one, JOINED_AGAIN) for one in replaced]
        taken = self._taken(connection, agent, call, leg=leg, role=role)
        ring_store.take(
            connection,
            taken,
            join_id=join_id if known is None else new_guid(),
            ticket_hash=ticket_hash(ticket),
        )
        ring_store.forget(connection, leg.id)
        self._settling.deadlines.end_leg(connection, leg.id)
        self._settling.deadlines.begin_leg(connection, leg.id, agent.caller.expires_on)
        add_event(connection, happenings.participant_added(call, taken))
        return Admission(call, taken, ticket), [*ended, LegAccepted(taken)]

    def _taken(
        self, connection: Connection, agent: Agent, call: Call, *, leg: Leg, role: Role | None
    ) -> Leg:
        fresh = self._joining.new_leg(connection, agent, call=call, role=role)
        return replace(fresh, id=leg.id, version=leg.version + 1, invited_by=leg.invited_by)

    async def reject(self, agent: Agent, leg_id: str) -> None:
        """Decline at this agent. The leg ends when it rings nowhere else."""
        await self._decisions.decide(partial(self._reject, agent=agent, leg_id=leg_id))

    def _reject(self, connection: Connection, *, agent: Agent, leg_id: str) -> list[Consequence]:
        leg, _ = self._leg_of(connection, agent, leg_id)
        if leg.state is not LegState.RINGING or leg.end is not None:
            raise NotRinging
        ring_store.decline(connection, leg.id, agent.id)
        return self._end_if_silent(connection, leg)

    async def withdraw(self, agent: Agent) -> None:
        """The agent is gone for good: nothing rings at it any more."""
        for leg in await self._ringing(agent):
            await self._decisions.decide(partial(self._withdraw, agent=agent, leg_id=leg.id))

    def _withdraw(self, connection: Connection, *, agent: Agent, leg_id: str) -> list[Consequence]:
        leg, _ = self._leg_of(connection, agent, leg_id)
        if leg.state is not LegState.RINGING or leg.end is not None:
            return []
        ring_store.withdraw(connection, leg.id, agent.id)
        return self._end_if_silent(connection, leg)

    async def _ringing(self, agent: Agent) -> list[Leg]:
        ringing = partial(ring_store.ringing_legs_of_user, raw_id=agent.raw_id)
        return await self._decisions.read(ringing)

    def _end_if_silent(self, connection: Connection, leg: Leg) -> list[Consequence]:
        """End a leg that rings at no agent any more."""
        declined = list(ring_store.agents_of(connection, leg.id).values())
        if not all(declined):
            return []
        if not declined:
            return self._end_ringing(connection, leg, UNREACHABLE)
        return self._end_ringing(
            connection, leg, DECLINED if len(declined) == 1 else DECLINED_BY_ALL
        )

    async def expire(self, leg_id: str) -> None:
        """It has rung for long enough. Harmless when it rings no more."""
        await self._decisions.decide(partial(self._expire, leg_id=leg_id))

    def _expire(self, connection: Connection, *, leg_id: str) -> list[Consequence]:
        found = store.leg(connection, leg_id)
        if found is None or self._settling.lock(connection, found.call_id) is None:
            return []
        leg = store.leg(connection, leg_id)
        if leg is None or leg.state is not LegState.RINGING or leg.end is not None:
            return []
        return self._end_ringing(connection, leg, NO_ANSWER)

    def _end_ringing(
        self, connection: Connection, leg: Leg, reason: EndReason
    ) -> list[Consequence]:
        ended = self._settling.end(connection, leg, reason)
        return [ended, *self._settling.wind_up(connection, leg.call_id, reason)]

    async def answerable(self, agent: Agent) -> list[Ringing]:
        """What rings for the agent's user, noted to ring at this agent, too, from now on."""
        found = [
            await self._decisions.decide_and_answer(
                partial(self._answerable, agent=agent, leg_id=leg.id)
            )
            for leg in await self._ringing(agent)
        ]
        return [ringing for ringing in found if ringing is not None]

    def _answerable(
        self, connection: Connection, *, agent: Agent, leg_id: str
    ) -> tuple[Ringing | None, list[Consequence]]:
        leg, call = self._leg_of(connection, agent, leg_id)
        rings = leg.state is LegState.RINGING and leg.end is None
        if not rings or ring_store.agents_of(connection, leg.id).get(agent.id, False):
            return None, []
        ring_store.add_rings(connection, leg.id, [agent.id])
        return Ringing(leg, call, _caller_name(connection, leg)), []

    def _leg_of(self, connection: Connection, agent: Agent, leg_id: str) -> tuple[Leg, Call]:
        """A leg of the agent's user, as it is with its call held. Raises `NotRinging`."""
        found = store.leg(connection, leg_id)
        if found is None or found.raw_id != agent.raw_id:
            raise NotRinging
        call = self._settling.lock(connection, found.call_id)
        leg = store.leg(connection, leg_id)
        if call is None or leg is None:
            raise NotRinging
        return leg, call


def _caller_name(connection: Connection, leg: Leg) -> str:
    callers = store.live_legs_of_user_in(connection, leg.call_id, leg.invited_by or "")
    return callers[0].display_name if callers else ""
