"""A town for the state machine: people with agents and media, places to call in, an engine in hand.

It keeps a model of who may be where; `settle` brings everything to rest, and `faults` says what
contradicts the model.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.fakes import FakeEngine
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from openrooms.calling.capabilities import CallKind
from openrooms.calling.model import Call, Leg, LegState
from openrooms.kernel.identifiers import CommunicationUser
from openrooms.media.engine import Source
from openrooms.media.errors import EngineAway
from openrooms.rooms.model import Role, Room, RoomChange

from .house import AgentClient, House, Refused, media_query, soon
from .world import START

HOUR = timedelta(hours=1)
TOO_OFTEN = 429
AWAY = 503
SEATS = 3
# How often to look whether all has come to rest; less often once it did not, or a failure would take
# as long to make small as all runs take.
ROUNDS, ROUNDS_AFTERWARDS = 40, 10
# What a role may send at the most, whatever else is set.
MOST: Mapping[Role, frozenset[Source]] = {
    Role.CONSUMER: frozenset(),
    Role.ATTENDEE: frozenset({Source.CAMERA, Source.MICROPHONE}),
}


@dataclass(slots=True)
class Person:
    """A user: his agent while it is connected, his media, and the legs that must live."""

    user: CommunicationUser
    agent: AgentClient | None = None
    # Agents of other devices, which go on by themselves.
    others: list[AgentClient] = field(default_factory=list)
    media: list[ClientConnection] = field(default_factory=list)
    # Participant id to the place of a leg that nothing has ended so far.
    must_live: dict[str, int | str] = field(default_factory=dict)
    tickets: dict[str, str] = field(default_factory=dict)
    # Participant id to the id of its call, the newest last.
    calls: dict[str, str] = field(default_factory=dict)


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
    roster: dict[tuple[int, int], Role] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    # Rooms whose window opens later.
    closed: set[int] = field(default_factory=set)
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
        return cls(house, engine, tasks, people, rooms, [str(uuid4()) for _ in range(2)])

    # what people do

    async def connect(self, who: int) -> None:
        """The person opens an agent, a new one each time, with a good token."""
        person = self.people[who]
        await self.hang(who)
        url = f"ws://{self.house.address}/calling/v1/agent"
        client = AgentClient(await connect(url, compression=None, proxy=None))
        await client.ask("hello", version=1, token=await self.house.token(person.user))
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
        person = self.people[who]
        answer = await self.ask(who, "accept", participantId=participant_id, joinId=str(uuid4()))
        if isinstance(answer, dict):
            person.tickets[participant_id] = answer["media"]["ticket"]
            person.calls[participant_id] = answer["call"]["callId"]

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
        """The room opens in an hour, or has been open all the time. Who is in stays in."""
        if room in self.gone:
            return
        world = self.house.world
        change = RoomChange(valid_from=START + HOUR if later else START)
        await world.rooms.update(world.resource_id, self._id(room), change)
        (self.closed.add if later else self.closed.discard)(room)

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

    def expected_refusal(self, who: int, place: int | str) -> tuple[int, int] | None:
        """How a join has to be refused; None: it has to be admitted."""
        if isinstance(place, str):
            return None
        if place in self.gone:
            return (404, 5732)
        if (place, who) not in self.roster:
            return (403, 5828)
        return (403, 5829) if place in self.closed else None

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
            await self.house.side.reconciler.reconcile()
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
            *self._doubled(calls),
            *self._crowded(legs),
            *self._forbidden(calls, legs),
            *self._missing(legs),
            *self._lonely(calls, legs),
            *await self._strangers(calls, legs),
        ]

    def _doubled(self, calls: list[Call]) -> list[str]:
        places = [call.room_id or call.group_id for call in calls]
        return [
            f"{n} live calls of {place}" for place, n in Counter(places).items() if place and n > 1
        ]

    def _crowded(self, legs: list[Leg]) -> list[str]:
        seated = Counter(leg.call_id for leg in legs)
        return [f"{many} in {call_id}" for call_id, many in seated.items() if many > SEATS]

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
            if room in self.gone or self.roster.get((room, who)) is not leg.role:
                wrong.append(f"{leg.id} is in room {room} as {leg.role}")
        return wrong

    def _missing(self, legs: list[Leg]) -> list[str]:
        there = {leg.id for leg in legs if leg.state is LegState.JOINED}
        return [
            f"{leg_id} was put out"
            for one in self.people
            for leg_id in one.must_live.keys() - there
        ]

    def _lonely(self, calls: list[Call], legs: list[Leg]) -> list[str]:
        joined = {leg.call_id for leg in legs if leg.state is LegState.JOINED}
        empty = [f"call {call.id} lives without anybody" for call in calls if call.id not in joined]
        users: dict[str, set[str]] = {}
        for leg in legs:
            users.setdefault(leg.call_id, set()).add(leg.raw_id)
        half = [call for call in calls if call.two_party and len(users.get(call.id, ())) < 2]
        return [*empty, *(f"one is alone in the call of two {call.id}" for call in half)]

    async def _strangers(self, calls: list[Call], legs: list[Leg]) -> list[str]:
        seats = {leg.seat: leg for leg in legs if leg.state is LegState.JOINED}
        wrong = [
            f"room {room} at the engine"
            for room in await self.engine.rooms()
            if room not in {call.id for call in calls}
        ]
        for call in calls:
            for presence in await self.engine.presences(call.id):
                leg = seats.get(presence.identity)
                most = MOST.get(leg.role, frozenset(Source)) if leg and leg.role else set(Source)
                if leg is None or leg.grants != presence.grants or leg.grants.sources - most:
                    wrong.append(f"{presence.identity} at the engine with {presence.grants}")
        return wrong

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
        live = (await self._live()).values()
        return {leg.id for leg in live if leg.raw_id == person.user.raw_id}

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
