"""A small world for the tests of the call side: real database, real rooms and identities."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.clock import HandClock, HandSeconds

from openrooms.calling.assembly import CallServices, open_services
from openrooms.calling.consequences import Consequence
from openrooms.calling.joining import Agent
from openrooms.calling.service import Calls
from openrooms.calling.timing import DEFAULT_TERMS, Terms
from openrooms.identity.model import Scope, TokenWish
from openrooms.identity.resources import Resources, open_resources
from openrooms.identity.service import Identities, open_tokens
from openrooms.kernel.identifiers import CommunicationUser
from openrooms.kernel.ids import new_guid
from openrooms.rooms.model import Answer, NewRoom, Role, Room
from openrooms.rooms.service import Rooms
from openrooms.rooms.settings import wire
from openrooms.rooms.settings.service import Settings
from openrooms.storage.database import Database, open_database
from openrooms.storage.secrets import open_vault

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LIFETIME = timedelta(hours=24)


@dataclass(slots=True)
class Followed:
    """Keeps what was decided."""

    all: list[Consequence] = field(default_factory=list)

    def follow(self, consequences: Sequence[Consequence]) -> None:
        self.all.extend(consequences)


@dataclass(slots=True)
class World:
    """Rooms, people and calls on one database."""

    database: Database
    clock: HandClock
    resource_id: str
    rooms: Rooms
    identities: Identities
    services: CallServices
    followed: Followed
    resources: Resources
    # As another process has them, which settles no legs.
    elsewhere_identities: Identities
    seconds: HandSeconds
    made: list[Room] = field(default_factory=list)

    @property
    def calls(self) -> Calls:
        return self.services.calls

    async def person(self) -> CommunicationUser:
        user, _ = await self.identities.create(self.resource_id)
        return user

    async def elsewhere(self) -> CommunicationUser:
        """A user of a resource of its own."""
        other = await self.resources.create(f"other-{new_guid()[:8]}")
        user, _ = await self.identities.create(other.id)
        return user

    async def agent(
        self, user: CommunicationUser, name: str = "", *, scopes: tuple[Scope, ...] = (Scope.VOIP,)
    ) -> Agent:
        token = await self.identities.issue(user.resource, user.raw_id, TokenWish(scopes, LIFETIME))
        caller = await self.identities.verify(token.token)
        return Agent(new_guid(), caller, name)

    async def room(self, **roster: Role) -> Room:
        """A room open now; `roster` names raw ids with their roles."""
        wish = NewRoom(participants=roster)
        await self.rooms.create(self.resource_id, wish, repeat=None, answer=self._keep)
        return self.made[-1]

    def _keep(self, room: Room) -> Answer:
        self.made.append(room)
        return Answer(201, b"{}", str(room.id))

    async def set(self, room: Room, **wish: object) -> None:
        """Set something for a room, by the names of its settings API."""
        change = wire.read_change(json.dumps(wish).encode())
        await Settings(self.rooms).change(self.resource_id, str(room.id), change)

    async def invite(self, room: Room, wishes: dict[str, Role | None]) -> None:
        await self.rooms.update_participants(self.resource_id, str(room.id), wishes)


@asynccontextmanager
async def open_world(
    folder: Path,
    database_url: str | None = None,
    *,
    most_legs: int = 350,
    presenters_manage: bool = True,
    terms: Terms = DEFAULT_TERMS,
    clock: HandClock | None = None,
) -> AsyncIterator[World]:
    clock, seconds, followed = clock or HandClock(START), HandSeconds(), Followed()
    async with open_database(folder / "data", database_url) as database:
        resources = await open_resources(database, vault := open_vault(folder / "data"), clock)
        tokens = await open_tokens(database, vault, clock, issuer="http://localhost:8080")
        rooms = Rooms(database, clock)
        identities = Identities(database, clock, tokens)
        services = await open_services(
            database,
            clock,
            rooms=rooms,
            identities=identities,
            most_legs=most_legs,
            presenters_manage=presenters_manage,
            terms=terms,
            seconds=seconds,
        )
        services.decisions.report_to(followed)
        rooms.watch(services.calls)
        identities.watch(services.calls)
        yield World(
            database,
            clock,
            resources.first.id,
            rooms,
            identities,
            services,
            followed,
            resources,
            elsewhere_identities=Identities(database, clock, tokens),
            seconds=seconds,
        )
