"""A service with calls and its HTTP operations, for tests of the record."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import httpx2
from tests.calling.world import LIFETIME
from tests.clock import HandSeconds
from tests.http.held import hold
from tests.identity.house import Backend, House, Json, open_house

from openrooms.calling.assembly import CallServices, open_services
from openrooms.calling.doorway import Doorway
from openrooms.calling.errors import CallingError
from openrooms.calling.explaining.service import Explainer
from openrooms.calling.joining import Admission, Agent
from openrooms.calling.records.service import Records
from openrooms.calling.surveys.service import Surveys
from openrooms.identity.model import Scope, TokenWish
from openrooms.kernel.identifiers import CommunicationUser
from openrooms.kernel.ids import new_guid
from openrooms.own_api import own_description
from openrooms.rooms.model import Answer, NewRoom, Role, Room


@dataclass(slots=True)
class Archive:
    """The record, those who make entries, and an app's server that reads it."""

    house: House
    services: CallServices
    records: Records
    surveys: Surveys
    explainer: Explainer
    rooms: list[Room] = field(default_factory=list)

    @property
    def backend(self) -> Backend:
        return self.house.backend("v1")

    async def agent(self, name: str = "", *, program: str = "") -> Agent:
        user, _ = await self.house.identities.create(self.house.resource_id)
        return replace(await self.sign_in(user, name), user_agent=program)

    async def sign_in(self, user: CommunicationUser, name: str = "") -> Agent:
        identities = self.house.identities
        wish = TokenWish((Scope.VOIP,), LIFETIME)
        token = await identities.issue(user.resource, user.raw_id, wish)
        return Agent(new_guid(), await identities.verify(token.token), name)

    async def room(self, *agents: Agent) -> Room:
        def keep(room: Room) -> Answer:
            self.rooms.append(room)
            return Answer(201, b"{}", str(room.id))

        wish = NewRoom(participants={one.raw_id: Role.ATTENDEE for one in agents})
        resource = self.house.resource_id
        await self.house.rooms.create(resource, wish, repeat=None, answer=keep)
        return self.rooms[-1]

    async def join(self, agent: Agent, place: Room | str) -> Admission:
        calls, join_id = self.services.calls, str(uuid4())
        if isinstance(place, str):
            return await calls.join_group(agent, place, join_id=join_id)
        return await calls.join(agent, str(place.id), join_id=join_id)

    async def refused(self, agent: Agent, room_id: str) -> tuple[int, int]:
        """How a join is refused."""
        try:
            await self.services.calls.join(agent, room_id, join_id=str(uuid4()))
        except CallingError as refused:
            return refused.code, refused.sub_code
        raise AssertionError("admitted")

    async def get(self, target: str, name: str) -> httpx2.Response:
        """An answer, which its description foretells."""
        answer = await self.backend.send("GET", target)
        return hold(answer, own_description(), "v1", name=name)

    async def read(self, target: str, name: str) -> Json:
        answer = await self.get(target, name)
        assert answer.status_code == 200, answer.text
        return answer.json()


@asynccontextmanager
async def open_archive(
    folder: Path, database_url: str | None, *, most_legs: int = 350
) -> AsyncIterator[Archive]:
    async with open_house(folder, database_url) as house:
        services = await open_services(
            house.database,
            house.clock,
            rooms=house.rooms,
            identities=house.identities,
            most_legs=most_legs,
            seconds=HandSeconds(),
        )
        house.rooms.watch(services.calls)
        house.identities.watch(services.calls)
        explainer = Explainer(
            house.database,
            house.clock,
            Doorway(house.rooms, most_legs),
            generations=house.identities.generations,
        )
        records = Records(house.database, house.clock)
        yield Archive(house, services, records, Surveys(house.database, house.clock), explainer)
