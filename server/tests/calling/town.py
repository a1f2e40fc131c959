"""A town for the state machine: people with agents and media, places to call in, an engine in hand.

It keeps a model of who may be where; `settle` brings everything to rest, and `faults` says what
contradicts the model.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.fakes import FakeEngine
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from openrooms.calling.capabilities import CallKind
from openrooms.calling.model import Call, Leg, LegState
from openrooms.media.errors import EngineAway
from openrooms.rooms.model import Role, Room, RoomChange

from . import order
from .hours import Hours
from .house import AgentClient, House, Refused, media_query, soon
from .people import Person
from .world import LIFETIME

HOUR = timedelta(hours=1)
TOO_OFTEN = 429
AWAY = 503
OUTSIDE = (403, 5829)
# How often to look whether all has come to rest; less often once it did not, or a failure would take
# as long to make small as all runs take.
ROUNDS, ROUNDS_AFTERWARDS = 40, 10


@dataclass(slots=True)
class Town:
    """The people and the places of one run."""

    house: House
    engine: FakeEngine
    # Where what people wait for goes on.
    tasks: asyncio.TaskGroup
    people: list[Person]
    rooms: list[Room]
    groups: list[str]
    hours: Hours
    roster: dict[tuple[int, int], Role] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    opening: set[asyncio.Task[None]] = field(default_factory=set)
    # Who was let in and should not, or the reverse.
    wrong: list[str] = field(default_factory=list)
    rounds: int = ROUNDS

    @classmethod
    async def found(
        cls, house: House, engine: FakeEngine, tasks: asyncio.TaskGroup, *, size: int
    ) -> "Town":
        people = [Person(await house.world.person()) for _ in range(size)]
        rooms = [await house.world.room() for _ in range(2)]
        groups = [str(uuid4()) for _ in range(2)]
        return cls(house, engine, tasks, people, rooms, groups, Hours(house, engine, people))

    # what people do

    async def connect(self, who: int) -> None:
        """The person opens an agent, a new one each time, with a good token."""
        person = self.people[who]
        await self.hang(who)
        url = f"ws://{self.house.address}/calling/v1/agent"
        client = AgentClient(await connect(url, compression=None, proxy=None))
        token, ends = await self.house.token(person.user), self.hours.now + LIFETIME
        welcome = await client.ask("hello", version=1, token=token)
        client.agent_id = welcome["agentId"]
        self.hours.tokens[client.agent_id] = ends
        person.agent = client

    async def connect_elsewhere(self, who: int) -> None:
        """The person opens an agent on one more device, and goes on there."""
        person = self.people[who]
        if person.agent is not None:
            person.others.append(person.agent)
            person.agent = None
        await self.connect(who)

    async def hang(self, who: int) -> None:
        """The person's agent is lost without a word."""
        person = self.people[who]
        if person.agent is not None:
            person.agent.socket.transport.abort()
            person.agent = None

    async def ask(self, who: int, op: str, **fields: object) -> dict[str, Any] | tuple[int, int]:
        """The answer to a request, or the codes of its refusal; also of an agent that is gone."""
        person = self.people[who]
        if person.agent is None:
            return (0, 0)
        try:
            return await person.agent.ask(op, **fields)
        except Refused as refused:
            return refused.codes
        except ConnectionClosed:
            person.agent = None
            return (0, 0)

    async def join(self, who: int, place: int | str) -> dict[str, Any] | tuple[int, int]:
        named = {"groupId": place} if isinstance(place, str) else {"roomId": self._id(place)}
        answer = await self.ask(who, "join", joinId=str(uuid4()), **named)
        if isinstance(answer, dict):
            await self._came(who, answer, place)
        return answer

    async def accept(self, who: int, participant_id: str) -> None:
        """The person answers. Nobody promises that such a call lasts."""
        self._talks(
            who, await self.ask(who, "accept", participantId=participant_id, joinId=str(uuid4()))
        )

    async def start(self, who: int, raw_ids: list[str]) -> None:
        """The person calls others."""
        self._talks(who, await self.ask(who, "start", rawIds=raw_ids, joinId=str(uuid4())))

    def _talks(self, who: int, answer: dict[str, Any] | tuple[int, int]) -> None:
        person = self.people[who]
        if isinstance(answer, dict):
            leg_id = answer["leg"]["participantId"]
            person.tickets[leg_id] = answer["media"]["ticket"]
            person.calls[leg_id] = answer["call"]["callId"]

    async def in_call(self, who: int, op: str, **fields: object) -> str | None:
        """Ask for something in the call that the person joined last; its id, unless refused."""
        call_id = next(reversed(self.people[who].calls.values()), None)
        if call_id is None:
            return None
        answer = await self.ask(who, op, callId=call_id, **fields)
        # Without an answer it may have been done.
        return call_id if isinstance(answer, dict) or answer == (0, 0) else None

    async def remove(self, who: int, whom: int) -> None:
        """One takes another out of the call that he joined last."""
        call_id = await self.in_call(who, "remove", rawId=self.people[whom].user.raw_id)
        self._ended(self.people[whom], call_id)

    async def end(self, who: int) -> None:
        """One ends his call for everyone."""
        call_id = await self.in_call(who, "end")
        for person in self.people:
            self._ended(person, call_id)

    async def open_media(self, who: int) -> None:
        """The person opens media for each leg that has a ticket; one that is over is refused."""
        opening = self.tasks.create_task(self._open_media(who))
        self.opening.add(opening)
        opening.add_done_callback(self.opening.discard)
        if self.engine.letting_in.is_set():
            await opening

    async def close_door(self) -> None:
        """Whoever connects to the engine waits there."""
        self.engine.letting_in.clear()

    async def wait_at_door(self) -> None:
        """Those who open media have got as far as they can."""

        async def have_arrived() -> bool:
            await self._live()
            return len(self.opening) <= self.engine.waiting

        await soon(have_arrived)

    async def open_door(self) -> None:
        """They come in now, in whatever order."""
        self.engine.letting_in.set()
        await asyncio.gather(*self.opening)

    async def _open_media(self, who: int) -> None:
        person = self.people[who]
        for leg_id, ticket in list(person.tickets.items()):
            url = f"ws://{self.house.address}/calling/v1/media/rtc/v1?{media_query(ticket)}"
            self.hours.tried.add(leg_id)
            try:
                socket = await connect(url, compression=None, proxy=None)
            except InvalidStatus as refused:
                # Whoever must be there is kept out by a missing engine alone.
                if leg_id in person.must_live and refused.response.status_code != AWAY:
                    self.wrong.append(f"{leg_id} was shut out: {refused}")
                continue
            person.media.append(socket)
            await self._check_who_came_in(leg_id)

    async def _check_who_came_in(self, leg_id: str) -> None:
        """At once, with nothing mended yet: no leg that is over, no right that was taken."""
        leg = (await self._live()).get(leg_id)
        seen = None if leg is None else self.engine.seen(leg.call_id, leg.seat)
        if leg is None or (seen is not None and seen.grants != leg.grants):
            self.wrong.append(f"{leg_id} was let in: {leg}, {seen}")

    async def leave(self, who: int) -> None:
        """The person's agent says goodbye."""
        await self.ask(who, "goodbye")
        person = self.people[who]
        person.agent = None
        mine = await self._mine(person)
        person.must_live = {
            leg_id: place for leg_id, place in person.must_live.items() if leg_id in mine
        }

    # what servers do

    async def set_role(self, room: int, who: int, role: Role | None) -> None:
        if room in self.gone:
            return
        await self.house.world.invite(self.rooms[room], {self.people[who].user.raw_id: role})
        if role is None:
            self.roster.pop((room, who), None)
            self._fall(who, room)
        else:
            self.roster[room, who] = role

    async def move_window(self, room: int, *, later: bool) -> None:
        """The room opens in an hour, or now, for an hour. Who is in stays in."""
        if room in self.gone:
            return
        world, opens = self.house.world, self.hours.now + (HOUR if later else timedelta())
        change = RoomChange(valid_from=opens, valid_until=opens + HOUR)
        await world.rooms.update(world.resource_id, self._id(room), change)
        self.hours.windows[self.rooms[room].id] = (opens, opens + HOUR)

    async def set_expiry(self, room: int, *, ends: bool) -> None:
        """The room's call ends with its window, or goes on."""
        if room in self.gone:
            return
        await self.house.world.set(self.rooms[room], atExpiry="end" if ends else "stay")
        number = self.rooms[room].id
        (self.hours.ending.add if ends else self.hours.ending.discard)(number)
        if self.hours.is_over(number):
            for who in range(len(self.people)):
                self._fall(who, room)

    async def go_by(self, seconds: float) -> None:
        """Time passes."""
        self.wrong += await self.hours.go_by(seconds)

    async def delete_room(self, room: int) -> None:
        world = self.house.world
        if room not in self.gone:
            await world.rooms.delete(world.resource_id, self._id(room))
            self.gone.add(room)
            for who in range(len(self.people)):
                self._fall(who, room)

    async def revoke(self, who: int) -> None:
        person, world = self.people[who], self.house.world
        await world.identities.revoke(world.resource_id, person.user.raw_id)
        person.must_live.clear()

    def has_token(self, who: int) -> bool:
        """Whether the token of the person's agent is good by the clock."""
        agent = self.people[who].agent
        return agent is not None and self.hours.now < self.hours.tokens[agent.agent_id]

    async def expected(self, who: int, place: int | str) -> set[tuple[int, int] | None]:
        """How a join may be refused; None: it may be admitted."""
        if isinstance(place, str):
            return {None}
        if place in self.gone:
            return {(404, 5732)}
        if (place, who) not in self.roster:
            return {(403, 5828)}
        number = self.rooms[place].id
        if self.hours.admits(number):
            return {None}
        return await self._late(who, number) if self.hours.is_late(number) else {OUTSIDE}

    async def _late(self, who: int, number: int) -> set[tuple[int, int] | None]:
        """After its window a room takes in whoever is in the call, or was until a moment ago."""
        running = {
            call.id for call in await self.house.side.calls.live_calls() if call.room_id == number
        }
        person = self.people[who]
        if any(leg.call_id in running for leg in await self._legs_of(person)):
            return {None}
        return {None, OUTSIDE} if running & set(person.calls.values()) else {OUTSIDE}

    async def seated(self, place: int | str) -> int:
        """How many seats of the place's call are taken."""
        key = place if isinstance(place, str) else self.rooms[place].id
        calls = await self.house.side.calls.live_calls()
        found = [call.id for call in calls if key in (call.group_id, call.room_id)]
        return len([leg for one in found for leg in await self.house.side.calls.open_legs(one)])

    # the end of a run

    async def settle(self) -> list[str]:
        """Let everything come to rest: the engine is there, its reports arrive, all is mended.

        Gives the faults that stay. One look proves nothing: legs of earlier runs still end meanwhile.
        """
        self.engine.come_back()
        self.engine.losing = 0
        await self.open_door()
        faults: list[str] = []
        for _ in range(self.rounds):
            await self.deliver()
            await self.hours.look()
            faults = await self.faults()
            if not faults:
                break
        return faults

    async def deliver(self, *, times: int = 1) -> None:
        """The engine's reports arrive, each so many times."""
        reports, self.engine.reports[:] = list(self.engine.reports), []
        for report in reports * times:
            try:
                await self.house.side.reports.take(report)
            except EngineAway:
                self.engine.reports.append(report)

    async def faults(self) -> list[str]:
        """What contradicts the model now."""
        calls = await self.house.side.calls.live_calls()
        legs = [leg for call in calls for leg in await self.house.side.calls.open_legs(call.id)]
        return [
            *self.wrong,
            *order.doubled(calls),
            *order.crowded(legs),
            *self._forbidden(calls, legs),
            *self._missing(legs),
            *order.lonely(calls, legs),
            *await order.strangers(self.engine, calls, legs),
        ]

    def _forbidden(self, calls: list[Call], legs: list[Leg]) -> list[str]:
        kinds = {call.id: call for call in calls}
        numbers = {room.id: index for index, room in enumerate(self.rooms)}
        users = {person.user.raw_id: who for who, person in enumerate(self.people)}
        wrong = []
        for leg in legs:
            call, who = kinds[leg.call_id], users.get(leg.raw_id)
            if who is None or call.kind is not CallKind.ROOM or call.room_id not in numbers:
                continue
            room = numbers[call.room_id]
            over = self.hours.is_over(call.room_id)
            if over or room in self.gone or self.roster.get((room, who)) is not leg.role:
                wrong.append(f"{leg.id} is in room {room} as {leg.role}")
        return wrong

    def _missing(self, legs: list[Leg]) -> list[str]:
        there = {leg.id for leg in legs if leg.state is LegState.JOINED}
        return [
            f"{leg_id} was put out"
            for one in self.people
            for leg_id in one.must_live.keys() - there
        ]

    async def go_home(self) -> None:
        for who, person in enumerate(self.people):
            for socket in (*person.media, *(agent.socket for agent in person.others)):
                socket.transport.abort()
            await self.hang(who)

    async def _came(self, who: int, answer: dict[str, Any], place: int | str) -> None:
        person, leg_id = self.people[who], answer["leg"]["participantId"]
        mine = await self._mine(person)
        person.must_live = {
            one: where for one, where in person.must_live.items() if where != place or one in mine
        }
        person.must_live[leg_id] = place
        person.tickets[leg_id] = answer["media"]["ticket"]
        person.calls[leg_id] = answer["call"]["callId"]

    async def _mine(self, person: Person) -> set[str]:
        """The person's live legs: which of several gives way to a new one is not modelled."""
        return {leg.id for leg in await self._legs_of(person)}

    async def _legs_of(self, person: Person) -> list[Leg]:
        live = (await self._live()).values()
        return [leg for leg in live if leg.raw_id == person.user.raw_id]

    async def _live(self) -> dict[str, Leg]:
        return {leg.id: leg for leg in await self.house.side.calls.all_live_legs()}

    def _fall(self, who: int, place: int) -> None:
        lives = self.people[who].must_live
        self.people[who].must_live = {leg: at for leg, at in lives.items() if at != place}

    def _ended(self, person: Person, call_id: str | None) -> None:
        calls, lives = person.calls, person.must_live
        person.must_live = {leg: at for leg, at in lives.items() if calls[leg] != call_id}

    def _id(self, room: int) -> str:
        return str(self.rooms[room].id)
