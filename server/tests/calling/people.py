"""A user of the town, as the state machine knows him."""

from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection

from openrooms.kernel.identifiers import CommunicationUser

from .house import AgentClient


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

    def agents(self) -> list[AgentClient]:
        """Those that are not lost."""
        return [*self.others, *([] if self.agent is None else [self.agent])]
