"""People in the call of a room, each with an agent socket and media, spoken by hand."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from openrooms.kernel.identifiers import CommunicationUser
from openrooms.media.engine import Grants, Presence
from openrooms.rooms.model import Role, Room

from .house import AgentClient, House, MediaClient, soon, there

NOTHING = {
    "hands": [],
    "spotlights": [],
    "mediaAccess": {"audio": True, "video": True, "others": []},
}


@dataclass(slots=True)
class Guest:
    """Somebody in the call, with media."""

    user: CommunicationUser
    client: AgentClient
    joined: dict[str, Any]
    media: MediaClient

    @property
    def raw_id(self) -> str:
        return self.user.raw_id

    async def ask(self, op: str, **fields: object) -> dict[str, Any]:
        return await self.client.ask(op, callId=self.joined["call"]["callId"], **fields)

    async def features(self) -> dict[str, Any]:
        """What he is told next of hands, spotlights and media access."""
        told = await self.client.event("featuresChanged")
        return {name: told[name] for name in NOTHING}


@dataclass(slots=True)
class Meeting:
    """A room's call."""

    house: House
    room: Room
    stack: AsyncExitStack

    async def enter(self, role: Role = Role.ATTENDEE, name: str = "") -> Guest:
        user = await self.house.world.person()
        await self.house.world.invite(self.room, {user.raw_id: role})
        client = await self.stack.enter_async_context(self.house.agent(user, displayName=name))
        joined = await client.join(self.room.id)
        ticket = joined["media"]["ticket"]
        media = await self.stack.enter_async_context(self.house.media(ticket))
        await media.hear("join")
        return Guest(user, client, joined, media)

    async def seat(self, guest: Guest) -> Presence:
        """The guest as the engine sees him."""
        (presence,) = await there(self.house, guest.joined["call"]["callId"], guest.user)
        return presence

    async def comes_to(self, guest: Guest, grants: Grants) -> bool:
        """Whether the engine allows him just that, soon."""

        async def looks() -> bool:
            return (await self.seat(guest)).grants == grants

        return await soon(looks)


@asynccontextmanager
async def gathering(house: House) -> AsyncIterator[Meeting]:
    async with AsyncExitStack() as stack:
        yield Meeting(house, await house.world.room(), stack)
