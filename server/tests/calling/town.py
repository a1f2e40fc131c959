"""A town for the state machine: people with agents and media, places to call in, an engine in hand.

It runs in a thread of its own, since the machine's rules are plain functions. It keeps a model of
who may be where; `settle` brings everything to rest, and `faults` says what contradicts the model.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from tests.fakes import FakeEngine
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from openrooms.calling.capabilities import CallKind
from openrooms.calling.model import Call, Leg, LegState
from openrooms.kernel.identifiers import CommunicationUser
from openrooms.media.errors import EngineAway
from openrooms.rooms.model import Role, Room

from .house import AgentClient, House, Refused, media_query, open_fake_house

T = TypeVar("T")
PATIENCE = 30.0
TOO_OFTEN = 429
AWAY = 503
ROUNDS = 40


@dataclass(slots=True)
class Person:
    """A user: his agent while it is connected, his media, and the legs that must live."""

    user: CommunicationUser
    agent: AgentClient | None = None
    media: list[ClientConnection] = field(default_factory=list)
    # Participant id to the place of a leg that nothing has ended so far.
    must_live: dict[str, int | str] = field(default_factory=dict)
    tickets: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Town:
    """The people and the places of one run."""

    house: House
    engine: FakeEngine
    people: list[Person]
    rooms: list[Room]
    groups: list[str]
    roster: dict[tuple[int, int], Role] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)

    @classmethod
    async def found(cls, house: House, engine: FakeEngine, size: int) -> "Town":
        people = [Person(await house.world.person()) for _ in range(size)]
        rooms = [await house.world.room() for _ in range(2)]
        return cls(house, engine, people, rooms, [str(uuid4()) for _ in range(2)])

    # what people do

    async def connect(self, who: int) -> None:
        """The person opens an agent, a new one each time, with a good token."""
        person = self.people[who]
        await self.hang(who)
        url = f"ws://{self.house.address}/calling/v1/agent"
        client = AgentClient(await connect(url, compression=None, proxy=None))
        await client.ask("hello", version=1, token=await self.house.token(person.user))
        person.agent = client

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

    async def open_media(self, who: int) -> None:
        """The person opens media for each leg that has a ticket; one that is over is refused."""
        person = self.people[who]
        for leg_id, ticket in person.tickets.items():
            url = f"ws://{self.house.address}/calling/v1/media/rtc/v1?{media_query(ticket)}"
            try:
                socket = await connect(url, compression=None, proxy=None)
            except InvalidStatus as refused:
                # Whoever must be there is kept out by a missing engine alone.
                if leg_id in person.must_live and refused.response.status_code != AWAY:
                    raise
                continue
            person.media.append(socket)

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
        return None if (place, who) in self.roster else (403, 5828)

    # the end of a run

    async def settle(self) -> list[str]:
        """Let everything come to rest: the engine is there, its reports arrive, all is mended.

        Gives the faults that stay. One look proves nothing: legs of earlier runs still end meanwhile.
        """
        self.engine.come_back()
        self.engine.losing = 0
        faults: list[str] = []
        for _ in range(ROUNDS):
            await self.deliver()
            await self.house.side.reconciler.reconcile()
            faults = await self.faults()
            if not faults:
                break
        return faults

    async def deliver(self) -> None:
        """The engine's reports arrive."""
        reports, self.engine.reports[:] = list(self.engine.reports), []
        for report in reports:
            try:
                await self.house.side.reports.take(report)
            except EngineAway:
                self.engine.reports.append(report)

    async def faults(self) -> list[str]:
        """What contradicts the model now."""
        calls = await self.house.side.calls.live_calls()
        legs = [leg for call in calls for leg in await self.house.side.calls.open_legs(call.id)]
        return [
            *self._doubled(calls),
            *self._forbidden(calls, legs),
            *self._missing(legs),
            *self._lonely(calls, legs),
            *await self._strangers(calls, legs),
        ]

    def _doubled(self, calls: list[Call]) -> list[str]:
        places = [call.room_id or call.group_id for call in calls]
        named = [place for place in places if place is not None]
        return [f"two live calls of {one}" for one in set(named) if named.count(one) > 1]

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
                if leg is None or leg.grants != presence.grants:
                    wrong.append(f"{presence.identity} at the engine with {presence.grants}")
        return wrong

    async def go_home(self) -> None:
        for who, person in enumerate(self.people):
            for socket in person.media:
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

    async def _mine(self, person: Person) -> set[str]:
        """The person's live legs: which of several gives way to a new one is not modelled."""
        calls = self.house.side.calls
        live = await calls.all_live_legs()
        return {leg.id for leg in live if leg.raw_id == person.user.raw_id}

    def _fall(self, who: int, place: int) -> None:
        person = self.people[who]
        person.must_live = {
            leg_id: where for leg_id, where in person.must_live.items() if where != place
        }

    def _id(self, room: int) -> str:
        return str(self.rooms[room].id)


class Loop:
    """An event loop in a thread, with a house in it, for rules that are plain functions."""

    def __init__(self, folder: Path, database_url: str | None) -> None:
        self.engine = FakeEngine()
        self._loop = asyncio.new_event_loop()
        self._done: asyncio.Event
        self._opened: asyncio.Future[House]
        self._thread = threading.Thread(
            target=self._loop.run_until_complete, args=(self._live(folder, database_url),)
        )
        ready = threading.Event()
        self._tell = ready.set
        self._thread.start()
        assert ready.wait(PATIENCE)

    async def _live(self, folder: Path, database_url: str | None) -> None:
        self._done = asyncio.Event()
        async with AsyncExitStack() as stack:
            self.house = await stack.enter_async_context(
                open_fake_house(folder, database_url, self.engine)
            )
            self._tell()
            await self._done.wait()

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do it in the loop, and wait."""

        async def bounded() -> T:
            async with asyncio.timeout(PATIENCE):
                return await work()

        return asyncio.run_coroutine_threadsafe(bounded(), self._loop).result()

    def town(self, size: int) -> Town:
        return self.run(partial(Town.found, self.house, self.engine, size))

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join()
        self._loop.close()
