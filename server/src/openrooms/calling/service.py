"""What callers can do with calls: join, leave, and everything by which a leg ends or changes.

Each operation decides and writes in one transaction that locks the room first; what follows from
it (`Consequence`s) is handed to the follower after the commit, and may be repeated.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Protocol

from openrooms.calling import store
from openrooms.calling.errors import LegOver, SignedOut
from openrooms.calling.model import (
    HUNG_UP,
    MOST_LEGS,
    Call,
    CallKind,
    Door,
    EndReason,
    Ground,
    Leg,
    admit,
    clean_name,
    fall,
    room_number,
)
from openrooms.identity.model import Caller
from openrooms.identity.service import Identities
from openrooms.kernel.clock import Clock
from openrooms.kernel.identifiers import CommunicationUser, parse_user
from openrooms.kernel.ids import new_guid, new_secret, new_server_call_id
from openrooms.rooms.model import Role
from openrooms.rooms.service import Rooms
from openrooms.storage.database import Connection, Database

# How long the end of a leg is told to an agent that comes back.
REMEMBERED = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class LegEnded:
    """A leg has ended: its client is told, the engine puts it out, its sockets are cut."""

    leg: Leg
    reason: EndReason


@dataclass(frozen=True, slots=True)
class RoleChanged:
    """A leg has a new role: its client is told, the engine has to allow just that."""

    leg: Leg
    before: Role


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The last leg is gone: the engine's room has to go, too."""

    call_id: str


@dataclass(frozen=True, slots=True)
class TokensRevoked:
    """A user's tokens are void: his agents are signed out."""

    raw_id: str


Consequence = LegEnded | RoleChanged | CallEnded | TokensRevoked


class Follower(Protocol):
    """Acts on what was decided."""

    def follow(self, consequences: Sequence[Consequence]) -> None: ...


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
        self._follower: Follower | None = None

    def report_to(self, follower: Follower) -> None:
        self._follower = follower

    def follow(self, outcome: object) -> None:
        """Hand on what a settling transaction returned, after its commit."""
        if isinstance(outcome, list) and outcome and self._follower is not None:
            self._follower.follow(outcome)

    # joining and leaving

    async def join(self, agent: Agent, room_id: str, *, join_id: str) -> Admission:
        """Admit the agent's user to the call of a room, or raise the `JoinRefused` that says why not."""
        number = room_number(room_id)
        ticket = new_secret()
        door = partial(self._join, agent=agent, room_id=number, join_id=join_id, ticket=ticket)
        return await self._database.write(door)

    def _join(
        self, connection: Connection, *, agent: Agent, room_id: int, join_id: str, ticket: str
    ) -> Admission:
        user = agent.caller.user
        now = self._clock()
        self._rooms.lock(connection, room_id)
        call = store.live_call_of_room(connection, room_id)
        known = store.leg_of_join(connection, agent.raw_id, agent_id=agent.id, join_id=join_id)
        if (
            known is not None
            and known.end is None
            and call is not None
            and known.call_id == call.id
        ):
            store.change_ticket(connection, known.id, ticket_hash(ticket))
            return Admission(call, known, ticket)
        door = Door(
            room=self._rooms.find(connection, room_id, user.resource),
            role=self._rooms.role_of(connection, room_id, agent.raw_id),
            signed_in=self._identities.stands(connection, user, agent.caller.generation)
            and agent.caller.expires_on > now,
            live_legs=0 if call is None else store.count_live_legs(connection, call.id),
            most_legs=self._most_legs,
        )
        role = admit(door, now)
        if call is None:
            call = self._open_call(connection, user.resource, room_id)
        leg = self._new_leg(agent, call, role)
        store.add_leg(
            connection,
            leg,
            join_id=join_id if known is None else new_guid(),
            ticket_hash=ticket_hash(ticket),
        )
        return Admission(call, leg, ticket)

    def _open_call(self, connection: Connection, resource_id: str, room_id: int) -> Call:
        call = Call(
            new_guid(), resource_id, CallKind.ROOM, room_id, new_server_call_id(), self._clock()
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

    async def leave(self, agent: Agent, call_id: str | None = None) -> None:
        """End the agent's leg in a call with 0/0; in all of its calls when none is named."""
        legs = await self.legs_of_agent(agent)
        mine = [leg for leg in legs if leg.end is None and call_id in (None, leg.call_id)]
        for leg in mine:
            await self.end(leg.id, HUNG_UP)

    async def sign_out(self, agent: Agent, reason: EndReason) -> None:
        """End every leg of an agent whose token is no longer good."""
        for leg in await self.legs_of_agent(agent):
            if leg.end is None:
                await self.end(leg.id, reason)

    async def end(self, leg_id: str, reason: EndReason) -> None:
        """End one leg. Ending it twice is harmless; the first reason stays."""
        self.follow(await self._database.write(partial(self._end, leg_id=leg_id, reason=reason)))

    def _end(self, connection: Connection, *, leg_id: str, reason: EndReason) -> list[Consequence]:
        leg = store.leg(connection, leg_id)
        if leg is None:
            return []
        self._lock_call(connection, leg.call_id)
        current = store.leg(connection, leg_id)
        if current is None or current.end is not None:
            return []
        return [
            self._end_leg(connection, current, reason),
            *self._close_if_empty(connection, leg.call_id),
        ]

    def _lock_call(self, connection: Connection, call_id: str) -> Call | None:
        call = store.call(connection, call_id)
        if call is not None and call.room_id is not None:
            self._rooms.lock(connection, call.room_id)
        return call

    def _end_leg(self, connection: Connection, leg: Leg, reason: EndReason) -> LegEnded:
        store.end_leg(connection, leg.id, reason, at=self._clock())
        return LegEnded(replace(leg, end=reason, version=leg.version + 1), reason)

    def _close_if_empty(self, connection: Connection, call_id: str) -> list[Consequence]:
        if store.count_live_legs(connection, call_id):
            return []
        store.end_call(connection, call_id, self._clock())
        return [CallEnded(call_id)]

    # settling: live legs are brought in line with what they stand on

    def settle_room(self, connection: Connection, room_id: int) -> list[Consequence]:
        """Bring the live legs of a room in line with its roster; the caller has locked the room."""
        call = store.live_call_of_room(connection, room_id)
        return [] if call is None else self._settle_call(connection, call)

    def settle_user(self, connection: Connection, user: CommunicationUser) -> list[Consequence]:
        """Bring the live legs of a user in line with his tokens."""
        legs = store.live_legs_of_user(connection, user.raw_id)
        settled: list[Consequence] = []
        for call_id in sorted({leg.call_id for leg in legs}):
            call = self._lock_call(connection, call_id)
            if call is not None:
                settled.extend(self._settle_call(connection, call))
        return [*settled, TokensRevoked(user.raw_id)]

    def _settle_call(self, connection: Connection, call: Call) -> list[Consequence]:
        legs = store.live_legs(connection, call.id)
        settled = [self._settle_leg(connection, call, leg) for leg in legs]
        changes = [change for change in settled if change is not None]
        if any(isinstance(change, LegEnded) for change in changes):
            return [*changes, *self._close_if_empty(connection, call.id)]
        return changes

    def _settle_leg(self, connection: Connection, call: Call, leg: Leg) -> Consequence | None:
        role = self._role_now(connection, call, leg)
        reason = fall(
            Ground(
                call_lives=True,
                room_exists=self._room_exists(connection, call),
                role=role,
                signed_in=self._signed_in(connection, leg),
            )
        )
        if reason is not None:
            return self._end_leg(connection, leg, reason)
        if role is None or role is leg.role:
            return None
        store.change_role(connection, leg.id, role)
        return RoleChanged(replace(leg, role=role, version=leg.version + 1), before=leg.role)

    def _role_now(self, connection: Connection, call: Call, leg: Leg) -> Role | None:
        return (
            None
            if call.room_id is None
            else self._rooms.role_of(connection, call.room_id, leg.raw_id)
        )

    def _room_exists(self, connection: Connection, call: Call) -> bool:
        if call.room_id is None:
            return False
        return self._rooms.find(connection, call.room_id, call.resource_id) is not None

    def _signed_in(self, connection: Connection, leg: Leg) -> bool:
        user = parse_user(leg.raw_id)
        return user is not None and self._identities.stands(connection, user, leg.generation)

    async def settle_all(self) -> None:
        """Settle every live call: what the reconciler does for whatever was missed."""
        for call in await self._database.read(store.live_calls):
            await self._settle_missed(call)

    async def _settle_missed(self, call: Call) -> None:
        missed = await self._database.read(partial(self._needs_settling, call=call))
        if missed:
            self.follow(await self._database.write(partial(self._settle_anew, call_id=call.id)))

    def _needs_settling(self, connection: Connection, *, call: Call) -> bool:
        legs = store.live_legs(connection, call.id)
        exists = self._room_exists(connection, call)
        return not legs or any(
            not exists
            or self._role_now(connection, call, leg) is not leg.role
            or not self._signed_in(connection, leg)
            for leg in legs
        )

    def _settle_anew(self, connection: Connection, *, call_id: str) -> list[Consequence]:
        call = self._lock_call(connection, call_id)
        if call is None:
            return []
        settled = self._settle_call(connection, call)
        return settled or self._close_if_empty(connection, call_id)

    # looking

    async def leg(self, leg_id: str) -> Leg | None:
        return await self._database.read(partial(store.leg, leg_id=leg_id))

    async def call(self, call_id: str) -> Call | None:
        return await self._database.read(partial(store.call, call_id=call_id))

    async def live_calls(self) -> list[Call]:
        return await self._database.read(store.live_calls)

    async def live_legs(self, call_id: str) -> list[Leg]:
        return await self._database.read(partial(store.live_legs, call_id=call_id))

    async def all_live_legs(self) -> list[Leg]:
        return await self._database.read(store.all_live_legs)

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
        if leg is None or not self._signed_in(connection, leg):
            raise SignedOut
        if leg.end is not None:
            raise LegOver(leg.end.code, leg.end.sub_code, leg.end.message)
        return leg

    async def connected(self, leg_ids: Sequence[str]) -> None:
        """Note that the media of these legs is up."""
        if leg_ids:
            await self._database.write(partial(store.set_connected, leg_ids=leg_ids))
