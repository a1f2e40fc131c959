"""What callers can do with calls: join, leave, and everything by which a leg ends or changes.

Each operation decides and writes in one transaction that locks the room first. What follows from
it is handed to the follower right after the commit, whether or not the caller still waits.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from openrooms.calling import ring_store, store, timer_store
from openrooms.calling.capabilities import CallKind
from openrooms.calling.consequences import Consequence, TokensRevoked
from openrooms.calling.decisions import Decisions
from openrooms.calling.errors import CallingError, JoinRefused, LegOver, SignedOut
from openrooms.calling.features import Features, gather
from openrooms.calling.joining import Admission, Agent, Joining, Wish, ticket_hash
from openrooms.calling.model import HUNG_UP, Call, EndReason, Leg, group_id, room_number
from openrooms.calling.records.model import Place, told_place
from openrooms.calling.settling import Settling
from openrooms.calling.timing import What
from openrooms.identity.model import Caller
from openrooms.identity.service import Identities
from openrooms.kernel.identifiers import CommunicationUser
from openrooms.kernel.ids import new_secret
from openrooms.storage.database import Connection

P = TypeVar("P", int, str)

# How long the end of a leg is told to an agent that comes back.
REMEMBERED = timedelta(minutes=10)


def _generation(good: Mapping[str, Mapping[str, int]], caller: Caller) -> int | None:
    return good[caller.user.resource].get(caller.user.user)


def _features(connection: Connection, *, call_id: str) -> Features:
    call = store.call(connection, call_id)
    if call is None:
        return Features()
    legs = store.live_legs(connection, call_id)
    return gather(call, store.members(connection, call_id), legs)


class Calls:
    """What callers can do with calls: join, leave, look; and what others do to live legs."""

    def __init__(self, decisions: Decisions, settling: Settling, joining: Joining) -> None:
        self._decisions = decisions
        self._settling = settling
        self._joining = joining

    @property
    def _identities(self) -> Identities:
        return self._settling.identities

    def follow(self, outcome: object) -> None:
        """Hand on what a settling transaction returned, after its commit."""
        self._decisions.follow(outcome)

    # joining

    async def join(
        self,
        agent: Agent,
        room_id: str,
        *,
        join_id: str,
        ticket: str | None = None,
        then: Callable[[Admission], None] | None = None,
    ) -> Admission:
        """Admit the agent's user to the call of a room, or raise the `JoinRefused` that says why not.

        `ticket` is what the leg's media is opened with; a fresh one when it is left out. `then` is called
        right after the commit, even when the caller is gone by then.
        """
        number = await self._read(agent, CallKind.ROOM, room_id, read=room_number)
        return await self._join(Wish(agent, number, join_id, ticket or new_secret()), then)

    async def join_group(
        self,
        agent: Agent,
        group: str,
        *,
        join_id: str,
        ticket: str | None = None,
        then: Callable[[Admission], None] | None = None,
    ) -> Admission:
        """The same for a group id: whoever of the resource knows it may come, no list asked."""
        known = await self._read(agent, CallKind.GROUP, group, read=group_id)
        return await self._join(Wish(agent, known, join_id, ticket or new_secret()), then)

    async def _read(
        self, agent: Agent, kind: CallKind, text: str, *, read: Callable[[str], P]
    ) -> P:
        """The place that a join names. One that cannot be is put on record."""
        try:
            return read(text)
        except JoinRefused as refused:
            place = Place(kind, told_place(text))
            note = partial(self._joining.note, agent=agent, place=place, refused=refused)
            await self._decisions.write(note)
            raise

    async def _join(self, wish: Wish, then: Callable[[Admission], None] | None) -> Admission:
        def admitted(outcome: Admission | CallingError) -> None:
            if then is not None and isinstance(outcome, Admission):
                then(outcome)

        outcome = await self._decisions.decide_and_answer(
            partial(self._joining.join, wish=wish), then=admitted
        )
        if isinstance(outcome, CallingError):
            raise outcome
        return outcome

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

        await self._decisions.decide(part)

    async def end(self, leg_id: str, reason: EndReason) -> None:
        """End one leg. Ending it twice is harmless; the first reason stays."""
        await self._decisions.decide(partial(self._end, leg_id=leg_id, reason=reason))

    def _end(self, connection: Connection, *, leg_id: str, reason: EndReason) -> list[Consequence]:
        leg = store.leg(connection, leg_id)
        if leg is None:
            return []
        self._settling.lock(connection, leg.call_id)
        current = store.leg(connection, leg_id)
        if current is None or current.end is not None:
            return []
        ended = self._settling.end(connection, current, reason)
        return [ended, *self._settling.wind_up(connection, leg.call_id, reason)]

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
            call = self._settling.lock(connection, call_id)
            if call is not None:
                settled.extend(self._settling.settle(connection, call))
        return [*settled, TokensRevoked(user.raw_id)]

    async def settle_all(self) -> None:
        """Settle every live call: what the reconciler does for whatever was missed."""
        for call in await self._decisions.read(store.live_calls):
            if not await self._decisions.read(partial(self._settling.is_settled, call=call)):
                await self._decisions.decide(partial(self._settle_anew, call_id=call.id))

    async def settle(self, call_id: str) -> None:
        """Settle one call: something about it may have become due."""
        await self._decisions.decide(partial(self._settle_anew, call_id=call_id))

    def _settle_anew(self, connection: Connection, *, call_id: str) -> list[Consequence]:
        call = self._held(connection, call_id)
        return [] if call is None else self._settling.settle(connection, call)

    async def end_call(self, call_id: str, reason: EndReason) -> None:
        """End a call for everyone. Harmless when it is over."""
        await self._decisions.decide(partial(self._end_call, call_id=call_id, reason=reason))

    def _end_call(
        self, connection: Connection, *, call_id: str, reason: EndReason
    ) -> list[Consequence]:
        call = self._held(connection, call_id)
        return [] if call is None else self._settling.end_all(connection, call, reason)

    def _held(self, connection: Connection, call_id: str) -> Call | None:
        """A live call, held; what was to happen to one that is over will not."""
        call = self._settling.lock(connection, call_id)
        if call is not None and store.is_live(connection, call_id):
            return call
        self._settling.deadlines.end_call(connection, call_id)
        return None

    # looking

    async def ends(self) -> Mapping[str, datetime]:
        """When calls will end, by their ids, as everyone in them was told."""
        return await self._decisions.read(partial(timer_store.armed_for_all, what=What.ENDING))

    @property
    def database_is_away(self) -> bool:
        """Whether nothing can be looked at or decided now."""
        return self._decisions.database_is_away

    async def leg(self, leg_id: str) -> Leg | None:
        return await self._decisions.look(partial(store.leg, leg_id=leg_id))

    async def call(self, call_id: str) -> Call | None:
        return await self._decisions.read(partial(store.call, call_id=call_id))

    async def is_live(self, call_id: str) -> bool:
        return await self._decisions.read(partial(store.is_live, call_id=call_id))

    async def live_calls(self) -> list[Call]:
        return await self._decisions.read(store.live_calls)

    async def live_legs(self, call_id: str) -> list[Leg]:
        return await self._decisions.read(partial(store.live_legs, call_id=call_id))

    async def features(self, call_id: str) -> Features:
        """What goes on in a call beside media."""
        return await self._decisions.read(partial(_features, call_id=call_id))

    async def open_legs(self, call_id: str) -> list[Leg]:
        """The live legs, and those that ring."""
        return await self._decisions.read(partial(ring_store.open_legs, call_id=call_id))

    async def all_live_legs(self) -> list[Leg]:
        return await self._decisions.read(store.all_live_legs)

    async def stands(self, agent: Agent) -> bool:
        """Whether the agent's tokens are still good."""
        caller = agent.caller
        good = partial(self._identities.stands, user=caller.user, generation=caller.generation)
        return await self._decisions.read(good)

    async def void(self, agents: Collection[Agent]) -> Collection[Agent]:
        """Those of the agents whose tokens are no longer good."""
        return await self._decisions.read(partial(self._void, agents=agents)) if agents else ()

    def _void(self, connection: Connection, *, agents: Collection[Agent]) -> Collection[Agent]:
        good: dict[str, Mapping[str, int]] = {}
        for resource_id in {agent.caller.user.resource for agent in agents}:
            users = {one.caller.user for one in agents}
            names = [user.user for user in users if user.resource == resource_id]
            good[resource_id] = self._identities.generations(connection, resource_id, names)
        return [one for one in agents if _generation(good, one.caller) != one.caller.generation]

    async def legs_of_agent(self, agent: Agent) -> list[Leg]:
        """The agent's live legs, and those that ended in the last ten minutes."""
        since = self._settling.clock() - REMEMBERED
        found = partial(
            store.legs_of_agent, agent_id=agent.id, raw_id=agent.raw_id, ended_since=since
        )
        return await self._decisions.read(found)

    async def leg_of_ticket(self, ticket: str) -> Leg:
        """The live leg that a ticket opens. Raises `SignedOut` or `LegOver`."""
        return await self._decisions.look(partial(self._leg_of_ticket, ticket=ticket))

    def _leg_of_ticket(self, connection: Connection, *, ticket: str) -> Leg:
        leg = store.leg_of_ticket(connection, ticket_hash(ticket))
        if leg is None or not self._settling.signed_in(connection, leg):
            raise SignedOut
        if leg.end is not None:
            raise LegOver(leg.end.code, leg.end.sub_code, leg.end.message)
        return leg

    async def connected(self, leg_id: str) -> None:
        """Note that the media of a leg is up."""
        await self._decisions.write(partial(store.set_connected, leg_id=leg_id))
