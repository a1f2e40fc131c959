"""A world in which agents can be reached, for tests of direct calls."""

from dataclasses import dataclass, field
from uuid import uuid4

from openrooms.calling.answering import Answers
from openrooms.calling.consequences import LegEnded, LegRings
from openrooms.calling.joining import Admission, Agent
from openrooms.calling.model import Leg
from openrooms.calling.ringing import Rings
from openrooms.identity.model import Scope

from .world import World


@dataclass(slots=True)
class Phones:
    """A world in which agents can be reached, and short ways to call."""

    world: World
    connected: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rings.look_for_agents(lambda raw_id: self.connected.get(raw_id, []))

    @property
    def rings(self) -> Rings:
        return self.world.services.rings

    @property
    def answers(self) -> Answers:
        return self.world.services.answers

    async def agent(self, like: Agent | None = None, **options: tuple[Scope, ...]) -> Agent:
        """A connected agent of a new user, or another one of a user's."""
        user = like.caller.user if like is not None else await self.world.person()
        agent = await self.world.agent(user, "Someone", **options)
        self.connected.setdefault(agent.raw_id, []).append(agent.id)
        return agent

    async def call(self, caller: Agent, *callees: Agent) -> Admission:
        return await self.rings.start(caller, [one.raw_id for one in callees], join_id=str(uuid4()))

    async def accept(self, agent: Agent, leg: Leg) -> Admission:
        return await self.answers.accept(agent, leg.id, join_id=str(uuid4()))

    def ringing(self, agent: Agent) -> Leg:
        """The leg that was last announced to the agent's user."""
        rung = [one.leg for one in self.world.followed.all if isinstance(one, LegRings)]
        return [leg for leg in rung if leg.raw_id == agent.raw_id][-1]

    def ends(self) -> dict[str, tuple[int, int]]:
        """How legs have ended so far, by participant id."""
        ended = [one for one in self.world.followed.all if isinstance(one, LegEnded)]
        return {one.leg.id: (one.reason.code, one.reason.sub_code) for one in ended}
