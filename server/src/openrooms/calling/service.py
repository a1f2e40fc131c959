"""What callers can do with calls: join, leave, and everything by which a leg ends or changes.

Each operation decides and writes in one transaction that locks the room first. What follows from
it is handed to the follower right after the commit, whether or not the caller still waits.
"""

import hashlib
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from openrooms.calling import store
from openrooms.calling.consequences import Consequence, Follower, TokensRevoked
from openrooms.calling.errors import LegOver, SignedOut
from openrooms.calling.model import (
    HUNG_UP,
    JOINED_AGAIN,
    MOST_LEGS,
    MOST_LEGS_OF_A_USER,
    Call,
    CallKind,
    Door,
    EndReason,
    Leg,
    admit,
    clean_name,
    room_number,
)
from openrooms.calling.settling import Settling
from openrooms.identity.model import Caller
from openrooms.identity.service import Identities
from openrooms.kernel.clock import Clock
from openrooms.kernel.identifiers import CommunicationUser
from openrooms.kernel.ids import new_guid, new_secret, new_server_call_id
from openrooms.rooms.model import Role
from openrooms.rooms.service import Rooms
from openrooms.storage.database import Connection, Database

# How long the end of a leg is told to an agent that comes back.
REMEMBERED = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Agent:
    """One signed-in call agent."""

    id: str
    caller: Caller
    display_name: str

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
    """A join that is asked for."""

    agent: Agent
    room_id: int
    join_id: str
    ticket: str


def _generation(good: Mapping[str, Mapping[str, int]], caller: Caller) -> int | None:
    return good[caller.user.resource].get(caller.user.user)


def ticket_hash(ticket: str) -> bytes:
    """What of a ticket is stored."""
    return hashlib.sha256(ticket.encode()).digest()


class Calls:
    """What callers can do with calls."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        rooms: Rooms,
        identities: Identities,
        most_legs: int = MOST_LEGS,
    ) -> None:
        self._database = database
        self._clock = clock
        self._rooms = rooms
        self._identities = identities
        self._most_legs = most_legs
        self._settling = Settling(clock, rooms, identities)
        self._follower: Follower | None = None

    def report_to(self, follower: Follower) -> None:
        self._follower = follower

    def follow(self, outcome: object) -> None:
        """Hand on what a settling transaction returned, after its commit."""
        if isinstance(outcome, list) and outcome and self._follower is not None:
            self._follower.follow(outcome)

    # joining

    async def join(
        self,
        agent: Agent,
        room_id: str,
        *,
        join_id: str,
        then: Callable[[Admission], None] | None = None,
    ) -> Admission:
        """Admit the agent's user to the call of a room, or raise the `JoinRefused` that says why not.

        `then` is called right after the commit, even when the caller is gone by then.
        """
        wish = Wish(agent, room_number(room_id), join_id, new_secret())

        def committed(written: tuple[Admission, list[Consequence]]) -> None:
            self.follow(written[1])
            if then is not None:
                then(written[0])

        admission, _ = await self._database.write(partial(self._join, wish=wish), then=committed)
        return admission

    def _join(self, connection: Connection, *, wish: Wish) -> tuple[Admission, list[Consequence]]:
        agent, now = wish.agent, self._clock()
        self._identities.keep(connection, agent.caller.user)
        self._rooms.lock(connection, wish.room_id)
        call = store.live_call_of_room(connection, wish.room_id)
        door = self._door(connection, wish, call=call, now=now)
        known = store.leg_of_join(connection, agent.raw_id, agent_id=agent.id, join_id=wish.join_id)
        if known is not None and known.end is None and door.signed_in and call is not None:
            store.change_ticket(connection, known.id, ticket_hash(wish.ticket))
            return Admission(call, known, wish.ticket), []
        replaced = [] if call is None else self._surplus(connection, agent, call)
        role = admit(door, now, leaving=len(replaced))
        ended: list[Consequence] = [
            self._settling.end(connection, leg, JOINED_AGAIN) for leg in replaced
        ]
        if call is None:
            call = self._open_call(connection, agent, wish.room_id)
        leg = self._new_leg(agent, call, role)
        store.add_leg(
            connection,
            leg,
            join_id=wish.join_id if known is None else new_guid(),
            ticket_hash=ticket_hash(wish.ticket),
        )
        return Admission(call, leg, wish.ticket), ended

    def _door(
        self, connection: Connection, wish: Wish, *, call: Call | None, now: datetime
    ) -> Door:
        caller = wish.agent.caller
        stands = self._identities.stands(connection, caller.user, caller.generation)
        return Door(
            room=self._rooms.find(connection, wish.room_id, caller.user.resource),
            role=self._rooms.role_of(connection, wish.room_id, wish.agent.raw_id),
            signed_in=stands and caller.expires_on > now,
            live_legs=0 if call is None else store.count_live_legs(connection, call.id),
            most_legs=self._most_legs,
        )

    def _surplus(self, connection: Connection, agent: Agent, call: Call) -> list[Leg]:
        """The user's legs that give way to a new one: the agent's own, and the oldest of many."""
        his = store.live_legs_of_user_in(connection, call.id, agent.raw_id)
        own = [leg for leg in his if leg.agent_id == agent.id]
        others = [leg for leg in his if leg.agent_id != agent.id]
        return own + others[: max(0, len(others) - MOST_LEGS_OF_A_USER + 1)]

    def _open_call(self, connection: Connection, agent: Agent, room_id: int) -> Call:
        resource = agent.caller.user.resource
        call = Call(
            new_guid(), resource, CallKind.ROOM, room_id, new_server_call_id(), self._clock()
        )
        store.add_call(connection, call)
        return call

    def _new_leg(self, agent: Agent, call: Call, role: Role) -> Leg:
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
            joined_at=self._clock(),
        )

    # leaving

    async def leave(self, agent: Agent, call_id: str | None = None) -> None:
        """End the agent's leg in a call with 0/0; in all of its calls when none is named."""
        await self._part(agent, call_id, HUNG_UP)

    async def sign_out(self, agent: Agent, reason: EndReason) -> None:
        """End every leg of an agent whose token is no longer good."""
        await self._part(agent, None, reason)

    async def _part(self, agent: Agent, call_id: str | None, reason: EndReason) -> None:
        def part(connection: Connection) -> list[Consequence]:
            legs = store.live_legs_of_agent(connection, agent.id, agent.raw_id)
            # In one order for all, or two who end legs of the same calls could wait for each other.
            legs.sort(key=lambda leg: leg.call_id)
            chosen = [leg.id for leg in legs if call_id in (None, leg.call_id)]
            ended = [self._end(connection, leg_id=leg, reason=reason) for leg in chosen]
            return [consequence for each in ended for consequence in each]

        await self._database.write(part, then=self.follow)

    async def end(self, leg_id: str, reason: EndReason) -> None:
        """End one leg. Ending it twice is harmless; the first reason stays."""
        end = partial(self._end, leg_id=leg_id, reason=reason)
        await self._database.write(end, then=self.follow)

    def _end(self, connection: Connection, *, leg_id: str, reason: EndReason) -> list[Consequence]:
        leg = store.leg(connection, leg_id)
        if leg is None:
            return []
        self._lock_call(connection, leg.call_id)
        current = store.leg(connection, leg_id)
        if current is None or current.end is not None:
            return []
        ended = self._settling.end(connection, current, reason)
        return [ended, *self._settling.close_if_empty(connection, leg.call_id)]

    def _lock_call(self, connection: Connection, call_id: str) -> Call | None:
        call = store.call(connection, call_id)
        if call is not None and call.room_id is not None:
            self._rooms.lock(connection, call.room_id)
        return call

    # settling: live legs are brought in line with what they stand on

    def settle_room(self, connection: Connection, room_id: int) -> list[Consequence]:
        """Bring the live legs of a room in line with its roster; the caller has locked the room."""
        call = store.live_call_of_room(connection, room_id)
        return [] if call is None else self._settling.settle(connection, call)

    def settle_user(self, connection: Connection, user: CommunicationUser) -> list[Consequence]:
        """Bring the live legs of a user in line with his tokens."""
        legs = store.live_legs_of_user(connection, user.raw_id)
        settled: list[Consequence] = []
        for call_id in sorted({leg.call_id for leg in legs}):
            call = self._lock_call(connection, call_id)
            if call is not None:
                settled.extend(self._settling.settle(connection, call))
        return [*settled, TokensRevoked(user.raw_id)]

    async def settle_all(self) -> None:
        """Settle every live call: what the reconciler does for whatever was missed."""
        for call in await self._database.read(store.live_calls):
            if not await self._database.read(partial(self._settling.is_settled, call=call)):
                settle = partial(self._settle_anew, call_id=call.id)
                await self._database.write(settle, then=self.follow)

    def _settle_anew(self, connection: Connection, *, call_id: str) -> list[Consequence]:
        call = self._lock_call(connection, call_id)
        return [] if call is None else self._settling.settle(connection, call)

    # looking

    async def leg(self, leg_id: str) -> Leg | None:
        return await self._database.read(partial(store.leg, leg_id=leg_id))

    async def call(self, call_id: str) -> Call | None:
        return await self._database.read(partial(store.call, call_id=call_id))

    async def is_live(self, call_id: str) -> bool:
        return await self._database.read(partial(store.is_live, call_id=call_id))

    async def live_calls(self) -> list[Call]:
        return await self._database.read(store.live_calls)

    async def live_legs(self, call_id: str) -> list[Leg]:
        return await self._database.read(partial(store.live_legs, call_id=call_id))

    async def all_live_legs(self) -> list[Leg]:
        return await self._database.read(store.all_live_legs)

    async def stands(self, agent: Agent) -> bool:
        """Whether the agent's tokens are still good."""
        caller = agent.caller
        good = partial(self._identities.stands, user=caller.user, generation=caller.generation)
        return await self._database.read(good)

    async def void(self, agents: AbstractSet[Agent]) -> AbstractSet[Agent]:
        """Those of the agents whose tokens are no longer good."""
        return await self._database.read(partial(self._void, agents=agents)) if agents else set()

    def _void(self, connection: Connection, *, agents: AbstractSet[Agent]) -> AbstractSet[Agent]:
        good: dict[str, Mapping[str, int]] = {}
        for resource_id in {agent.caller.user.resource for agent in agents}:
            users = {one.caller.user for one in agents}
            names = [user.user for user in users if user.resource == resource_id]
            good[resource_id] = self._identities.generations(connection, resource_id, names)
        return {one for one in agents if _generation(good, one.caller) != one.caller.generation}

    async def legs_of_agent(self, agent: Agent) -> list[Leg]:
        """The agent's live legs, and those that ended in the last ten minutes."""
        since = self._clock() - REMEMBERED
        found = partial(
            store.legs_of_agent, agent_id=agent.id, raw_id=agent.raw_id, ended_since=since
        )
        return await self._database.read(found)

    async def leg_of_ticket(self, ticket: str) -> Leg:
        """The live leg that a ticket opens. Raises `SignedOut` or `LegOver`."""
        return await self._database.read(partial(self._leg_of_ticket, ticket=ticket))

    def _leg_of_ticket(self, connection: Connection, *, ticket: str) -> Leg:
        leg = store.leg_of_ticket(connection, ticket_hash(ticket))
        if leg is None or not self._settling.signed_in(connection, leg):
            raise SignedOut
        if leg.end is not None:
            raise LegOver(leg.end.code, leg.end.sub_code, leg.end.message)
        return leg

    async def connected(self, leg_id: str) -> None:
        """Note that the media of a leg is up."""
        await self._database.write(partial(store.set_connected, leg_id=leg_id))
