"""A room's call for tests, with those who have come."""

from dataclasses import dataclass
from uuid import uuid4

from openrooms.calling.features import Features
from openrooms.calling.joining import Admission, Agent
from openrooms.calling.moderation import Moderation
from openrooms.rooms.model import Role, Room

from .world import World


@dataclass(slots=True)
class Meeting:
    """A room's call and those who have come."""

    world: World
    room: Room
    call_id: str = ""

    @property
    def ops(self) -> Moderation:
        return self.world.services.moderation

    async def enter(self, role: Role = Role.ATTENDEE) -> Agent:
        """Somebody is invited in this role, and comes."""
        user = await self.world.person()
        await self.world.invite(self.room, {user.raw_id: role})
        agent = await self.world.agent(user)
        await self.join(agent)
        return agent

    async def join(self, agent: Agent) -> Admission:
        came = await self.world.calls.join(agent, str(self.room.id), join_id=str(uuid4()))
        self.call_id = came.call.id
        return came

    async def features(self) -> Features:
        return await self.world.calls.features(self.call_id)

    async def may(self, agent: Agent, name: str) -> bool:
        """Whether his live leg has a capability."""
        legs = await self.world.calls.live_legs(self.call_id)
        return next(leg for leg in legs if leg.raw_id == agent.raw_id).capabilities.has(name)
