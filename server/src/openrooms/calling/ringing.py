"""Calling others: direct calls, people who are added, and how their agents ring and answer.

Each operation decides and writes in one transaction that holds the call, as everywhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from openrooms.calling import happenings, ring_store, store
from openrooms.calling.capabilities import CallKind
from openrooms.calling.consequences import Consequence, LegEnded, LegRings
from openrooms.calling.decisions import Decisions
from openrooms.calling.errors import (
    CallFull,
    NobodyThere,
    NotInCall,
    NotInvited,
    SignedOut,
    StartNotAllowed,
)
from openrooms.calling.joining import Admission, Agent, Joining, ticket_hash
from openrooms.calling.model import (
    CANCELLED,
    ENDED_FOR_ALL,
    HUNG_UP,
    REMOVED_BY_OTHER,
    UNREACHABLE,
    Call,
    EndReason,
    Leg,
    LegState,
    callees,
)
from openrooms.calling.settling import Settling
from openrooms.events.store import add as add_event
from openrooms.identity.model import Scope
from openrooms.kernel.ids import new_guid, new_secret
from openrooms.rooms.model import Role
from openrooms.storage.database import Connection

# What tells that nobody signed in for a leg yet.
NOBODY = -1

# The ids of the agents of a user that are connected now, by his raw id.
Reach = Callable[[str], Sequence[str]]


class Rings:
    """What callers can do to reach others, and what those can answer."""

    def __init__(self, decisions: Decisions, settling: Settling, joining: Joining) -> None:
        self._decisions = decisions
        self._settling = settling
        self._joining = joining
        self._reach: Reach = _nobody

    def look_for_agents(self, reach: Reach) -> None:
        """Have callees' agents found by `reach` from now on."""
        self._reach = reach

    # calling

    async def start(
        self,
        agent: Agent,
        raw_ids: Sequence[str],
        *,
        join_id: str,
        ticket: str | None = None,
        custom_context: str | None = None,
        then: Callable[[Admission], None] | None = None,
    ) -> Admission:
        """Begin a call with one other user, or with several: each of them rings.

        Raises `BadCallees`, or the `JoinRefused` that says why not. Where nobody has an agent the
        leg is given all the same, and has ended with 480/10037.
        """
        called = callees(raw_ids, caller=agent.caller.user, most=self._settling.most_legs - 1)
        call = replace(
            self._joining.new_call(agent, CallKind.DIRECT),
            two_party=len(called) == 1,
            custom_context=custom_context,
        )
        start = partial(
            self._start,
            agent=agent,
            call=call,
            called=called,
            join_id=join_id,
            ticket=ticket or new_secret(),
        )
        return await self._decisions.decide_and_answer(start, then=then)

    def _start(
        self,
        connection: Connection,
        *,
        agent: Agent,
        call: Call,
        called: Sequence[str],
        join_id: str,
        ticket: str,
    ) -> tuple[Admission, list[Consequence]]:
        self._settling.identities.keep(connection, agent.caller.user)
        if not self._joining.signed_in(connection, agent):
            raise SignedOut
        if Scope.VOIP not in agent.caller.scopes:
            raise StartNotAllowed
        known = store.leg_of_join(connection, agent.raw_id, agent_id=agent.id, join_id=join_id)
        again = None if known is None or known.end is not None else known
        if again is not None and (held := store.call(connection, again.call_id)) is not None:
            store.change_ticket(connection, again.id, ticket_hash(ticket))
            return Admission(held, again, ticket), []
        self._joining.check_engine(is_new=True)
        store.add_call(connection, call)
        self._settling.deadlines.begin_call(connection, call.id)
        leg = self._joining.new_leg(connection, agent, call=call, role=None)
        hashed = ticket_hash(ticket)
        store.add_leg(
            connection, leg, join_id=join_id if known is None else new_guid(), ticket_hash=hashed
        )
        self._settling.deadlines.begin_leg(connection, leg.id, agent.caller.expires_on)
        add_event(connection, happenings.call_started(call))
        add_event(connection, happenings.participant_added(call, leg))
        rung = self._ring(connection, agent, call=call, called=dict.fromkeys(called))
        wound_up = self._settling.wind_up(connection, call.id, UNREACHABLE)
        return Admission(call, leg, ticket), [*rung, *wound_up]

    async def add(self, agent: Agent, call_id: str, raw_ids: Sequence[str]) -> None:
        """Ring others into a running call; into a room's call, only who is on its roster.

        Who is in the call, or rings, is left alone.
        """
        called = callees(raw_ids, caller=agent.caller.user, most=self._settling.most_legs - 1)
        await self._decisions.decide(
            partial(self._add, agent=agent, call_id=call_id, called=called)
        )

    def _add(
        self, connection: Connection, *, agent: Agent, call_id: str, called: Sequence[str]
    ) -> list[Consequence]:
        call, _ = self._own(connection, agent, call_id, needs="addCommunicationUser")
        legs = ring_store.open_legs(connection, call_id)
        there = {leg.raw_id for leg in legs}
        new = [raw_id for raw_id in called if raw_id not in there]
        # Before the roster: a full call is full for everybody, and says nothing of who is invited.
        if len(legs) + len(new) > self._settling.seats(connection, call):
            raise CallFull
        roles: dict[str, Role | None] = dict.fromkeys(new)
        if call.room_id is not None:
            roster = self._settling.rooms.roster(connection, call.room_id)
            roles = {raw_id: one.role for raw_id in new if (one := roster.get(raw_id))}
            if len(roles) < len(new):
                raise NotInvited
        if not new:
            return []
        widened = self._widen(connection, call)
        call = replace(call, two_party=False)
        rung = self._ring(connection, agent, call=call, called=roles)
        return [*widened, *rung, *self._settling.wind_up(connection, call_id, UNREACHABLE)]

    def _widen(self, connection: Connection, call: Call) -> list[Consequence]:
        """A call of two becomes one of many: what its people may do changes with that."""
        if not call.two_party:
            return []
        ring_store.set_many_party(connection, call.id)
        return self._settling.settle(connection, replace(call, two_party=False))

    def _ring(
        self,
        connection: Connection,
        agent: Agent,
        *,
        call: Call,
        called: dict[str, Role | None],
    ) -> list[Consequence]:
        """A ringing leg for each who is called; one who has no agent ends at once."""
        rung: list[Consequence] = []
        for raw_id, role in called.items():
            leg = self._ringing_leg(connection, agent, call, raw_id=raw_id, role=role)
            store.add_leg(connection, leg, join_id=leg.id, ticket_hash=ticket_hash(new_secret()))
            agents = self._reach(raw_id)
            if agents:
                ring_store.add_rings(connection, leg.id, agents)
                self._settling.deadlines.begin_ringing(connection, leg.id)
                rung.append(LegRings(leg, call, agent.display_name))
            else:
                rung.append(self._settling.end(connection, leg, UNREACHABLE))
        return rung

    def _ringing_leg(
        self, connection: Connection, agent: Agent, call: Call, *, raw_id: str, role: Role | None
    ) -> Leg:
        return Leg(
            id=new_guid(),
            call_id=call.id,
            resource_id=call.resource_id,
            raw_id=raw_id,
            generation=NOBODY,
            display_name="",
            role=role,
            agent_id="",
            version=1,
            connected=False,
            joined_at=self._settling.clock(),
            capabilities=self._settling.capabilities_of(connection, call, raw_id),
            state=LegState.RINGING,
            invited_by=agent.raw_id,
        )

    # taking out

    async def remove(self, agent: Agent, call_id: str, raw_id: str) -> None:
        """Take a user out of the call, or stop ringing him. Raises `NobodyThere`."""
        await self._decisions.decide(
            partial(self._remove, agent=agent, call_id=call_id, raw_id=raw_id)
        )

    def _remove(
        self, connection: Connection, *, agent: Agent, call_id: str, raw_id: str
    ) -> list[Consequence]:
        self._own(connection, agent, call_id, needs="removeParticipant")
        legs = [leg for leg in ring_store.open_legs(connection, call_id) if leg.raw_id == raw_id]
        if not legs or raw_id == agent.raw_id:
            raise NobodyThere
        ended: list[Consequence] = [
            self._settling.end(connection, leg, _out(leg, REMOVED_BY_OTHER)) for leg in legs
        ]
        last = _out(legs[-1], REMOVED_BY_OTHER)
        return [*ended, *self._settling.wind_up(connection, call_id, last)]

    async def end(self, agent: Agent, call_id: str) -> None:
        """End the call for everyone; a room's call ends by the server's word alone."""
        await self._decisions.decide(partial(self._end, agent=agent, call_id=call_id))

    def _end(self, connection: Connection, *, agent: Agent, call_id: str) -> list[Consequence]:
        _, own = self._own(connection, agent, call_id, needs="hangUpForEveryOne")
        ended: list[LegEnded] = [
            self._settling.end(
                connection, leg, HUNG_UP if leg.id == own.id else _out(leg, ENDED_FOR_ALL)
            )
            for leg in ring_store.open_legs(connection, call_id)
        ]
        return [*ended, *self._settling.wind_up(connection, call_id, ENDED_FOR_ALL)]

    def _own(
        self, connection: Connection, agent: Agent, call_id: str, *, needs: str
    ) -> tuple[Call, Leg]:
        """The call, held, and the agent's live leg in it, with the capability `needs`."""
        call = self._settling.lock(connection, call_id)
        mine = store.live_legs_of_agent(connection, agent.id, agent.raw_id)
        own = next((leg for leg in mine if leg.call_id == call_id), None)
        if call is None or own is None:
            raise NotInCall
        # By the roster as it is now, whatever the leg was told last.
        self._settling.capabilities_of(connection, call, agent.raw_id).require(needs)
        return call, own


def _out(leg: Leg, reason: EndReason) -> EndReason:
    """How a leg ends that is taken out: one that rings is cancelled."""
    return CANCELLED if leg.state is LegState.RINGING else reason


def _nobody(_raw_id: str) -> Sequence[str]:
    """Whom a process without agents reaches."""
    return ()
