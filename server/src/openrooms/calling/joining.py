"""Coming into a call: the decision about a join, made and written in one transaction."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from openrooms.calling import happenings, store
from openrooms.calling.capabilities import CallKind
from openrooms.calling.consequences import Consequence
from openrooms.calling.doorway import Arrival, Doorway
from openrooms.calling.errors import CallingError, JoinRefused, TryAgain
from openrooms.calling.model import (
    JOINED_AGAIN,
    Call,
    GroupDoor,
    Leg,
    admit,
    admit_to_group,
    clean_name,
    giving_way,
    reason_of,
)
from openrooms.calling.records.model import Place, Refusal
from openrooms.calling.records.store import add_refusal
from openrooms.calling.settling import Settling
from openrooms.events.store import add as add_event
from openrooms.identity.model import Caller, Scope
from openrooms.kernel.ids import new_guid, new_server_call_id
from openrooms.rooms.model import Role
from openrooms.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Agent:
    """One signed-in call agent."""

    id: str
    caller: Caller
    display_name: str
    # What the program calls itself in which he signed in.
    user_agent: str = ""

    @property
    def raw_id(self) -> str:
        return self.caller.user.raw_id


@dataclass(frozen=True, slots=True)
class Admission:
    """A leg that may open media, with the secret that opens it."""

    call: Call
    leg: Leg
    ticket: str


@dataclass(frozen=True, slots=True)
class Wish:
    """A join that is asked for: `place` is a room's id (a number), or a group id (a GUID)."""

    agent: Agent
    place: int | str
    join_id: str
    ticket: str


def ticket_hash(ticket: str) -> bytes:
    """What of a ticket is stored."""
    return hashlib.sha256(ticket.encode()).digest()


@dataclass(frozen=True, slots=True)
class EngineState:
    """How the engine is now: away, or about to end, so that no new call may begin."""

    away: Callable[[], bool]
    leaving: Callable[[], bool]


ALWAYS_THERE = EngineState(away=lambda: False, leaving=lambda: False)


@dataclass(frozen=True, slots=True)
class Joining:
    """Admits people."""

    settling: Settling
    engine: EngineState

    def join(
        self, connection: Connection, wish: Wish
    ) -> tuple[Admission | CallingError, list[Consequence]]:
        """Admit the wish's user, or put on record and give the error that says why not."""
        self.settling.identities.keep(connection, wish.agent.caller.user)
        call, is_new = self._hold(connection, wish)
        try:
            return self._enter(connection, wish, call=call, is_new=is_new)
        except (JoinRefused, TryAgain) as refused:
            # The transaction is committed with what it has written: the call of a group alone.
            if is_new and call.kind is CallKind.GROUP:
                store.drop_call(connection, call.id)
            self.note(connection, wish.agent, Place(call.kind, str(wish.place)), refused=refused)
            return refused, []

    def note(
        self, connection: Connection, agent: Agent, place: Place, *, refused: CallingError
    ) -> None:
        """Put a refused join on record."""
        user = agent.caller.user
        refusal = Refusal(
            resource_id=user.resource,
            raw_id=user.raw_id,
            place=place,
            refused_at=self.settling.clock(),
            reason=reason_of(refused),
        )
        if add_refusal(connection, refusal):
            add_event(connection, happenings.join_refused(refusal))

    def _enter(
        self, connection: Connection, wish: Wish, *, call: Call, is_new: bool
    ) -> tuple[Admission, list[Consequence]]:
        agent = wish.agent
        known = store.leg_of_join(connection, agent.raw_id, agent_id=agent.id, join_id=wish.join_id)
        lives = known is not None and known.end is None and known.call_id == call.id
        if lives and known is not None and self.signed_in(connection, agent):
            store.change_ticket(connection, known.id, ticket_hash(wish.ticket))
            return Admission(call, known, wish.ticket), []
        replaced = [] if is_new else self.surplus(connection, agent, call)
        role = self.admit(connection, agent, call=call, is_new=is_new, leaving=len(replaced))
        self.check_engine(is_new=is_new)
        if is_new and call.kind is CallKind.ROOM:
            call = replace(call, started_role=role)
            store.add_call(connection, call)
        if is_new:
            add_event(connection, happenings.call_started(call))
        told = self.settling.arm(connection, call) if is_new else []
        ended: list[Consequence] = [
            self.settling.end(connection, leg, JOINED_AGAIN) for leg in replaced
        ]
        leg = self.new_leg(connection, agent, call=call, role=role)
        store.add_leg(
            connection,
            leg,
            join_id=wish.join_id if known is None else new_guid(),
            ticket_hash=ticket_hash(wish.ticket),
        )
        add_event(connection, happenings.participant_added(call, leg))
        self.settling.deadlines.begin_leg(connection, leg.id, agent.caller.expires_on)
        return Admission(call, leg, wish.ticket), [*told, *ended]

    def check_engine(self, *, is_new: bool) -> None:
        """Raise `TryAgain` when no engine would take the media: who is let in would wait in vain."""
        if self.engine.away() or (is_new and self.engine.leaving()):
            raise TryAgain

    def new_leg(
        self, connection: Connection, agent: Agent, *, call: Call, role: Role | None
    ) -> Leg:
        """A leg of the agent that joins now."""
        return Leg(
            id=new_guid(),
            call_id=call.id,
            resource_id=call.resource_id,
            raw_id=agent.raw_id,
            generation=agent.caller.generation,
            display_name=clean_name(agent.display_name),
            role=role,
            agent_id=agent.id,
            version=1,
            connected=False,
            joined_at=self.settling.clock(),
            capabilities=self.settling.capabilities_of(connection, call, agent.raw_id),
            user_agent=agent.user_agent,
        )

    def new_call(self, agent: Agent, kind: CallKind) -> Call:
        """A call that begins now."""
        resource = agent.caller.user.resource
        return Call(
            new_guid(),
            resource,
            kind,
            new_server_call_id(),
            self.settling.clock(),
            started_by=agent.raw_id,
        )

    def _hold(self, connection: Connection, wish: Wish) -> tuple[Call, bool]:
        """The call of the place, held, or a new one; the flag says that it is new."""
        if isinstance(wish.place, int):
            self.settling.rooms.lock(connection, wish.place)
            call = store.live_call_of_room(connection, wish.place)
            new = replace(self.new_call(wish.agent, CallKind.ROOM), room_id=wish.place)
            return (new, True) if call is None else (call, False)
        new = replace(self.new_call(wish.agent, CallKind.GROUP), group_id=wish.place)
        held, was_there = store.hold_group(connection, new)
        return held, not was_there

    def admit(
        self, connection: Connection, agent: Agent, *, call: Call, is_new: bool, leaving: int
    ) -> Role | None:
        """The role in which the agent's user may come in. Raises the `JoinRefused` that says why not.

        `leaving`: how many of the call's seats he gives up in coming.
        """
        signed_in = self.signed_in(connection, agent)
        if call.room_id is None:
            may_open = Scope.VOIP in agent.caller.scopes
            taken = store.count_seats(connection, call.id)
            door = GroupDoor(signed_in, not is_new, may_open, taken, self.settling.most_legs)
            admit_to_group(door, leaving=leaving)
            return None
        arrival = Arrival(
            room_id=call.room_id,
            user=agent.caller.user,
            signed_in=signed_in,
            call_id=None if is_new else call.id,
        )
        now = self.settling.clock()
        return admit(self.doorway.look(connection, arrival, now), now, leaving=leaving)

    @property
    def doorway(self) -> Doorway:
        return Doorway(self.settling.rooms, self.settling.most_legs)

    def signed_in(self, connection: Connection, agent: Agent) -> bool:
        """Whether the agent's token is good."""
        caller, now = agent.caller, self.settling.clock()
        stands = self.settling.identities.stands(connection, caller.user, caller.generation)
        return stands and caller.expires_on > now

    def surplus(self, connection: Connection, agent: Agent, call: Call) -> list[Leg]:
        """The user's legs that give way to a new one: the agent's own, and the oldest of many."""
        his = store.live_legs_of_user_in(connection, call.id, agent.raw_id)
        own = [leg for leg in his if leg.agent_id == agent.id]
        others = [leg for leg in his if leg.agent_id != agent.id]
        return own + others[: giving_way(len(others))]
