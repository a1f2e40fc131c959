"""The call agents that are connected to this process, and the way to tell them something."""

import asyncio
from datetime import datetime
from typing import Protocol

from openrooms.calling.errors import TooOften
from openrooms.calling.event_wire import Event
from openrooms.calling.joining import Agent
from openrooms.calling.model import EndReason, Leg
from openrooms.calling.rates import Allowance, Rate, Rates, Share
from openrooms.kernel.clock import Clock

# Of one connection; a user with several has twice as much for all of them.
REQUESTS_A_SECOND = 20.0
REQUESTS_AT_ONCE = 100
SHARE = 2
# The same, of what participants write to each other. What is refused before a connection has to end
# for it is less: `messages`.
MESSAGES_A_SECOND = 100.0
MESSAGES_AT_ONCE = 300
OCTETS_A_SECOND = 256.0 * 1024
OCTETS_AT_ONCE = 4 * 1024 * 1024
# Of a user. Each is told to everyone in the call, and costs the engine a seat.
JOINS_A_SECOND = 1.0
JOINS_AT_ONCE = 20
MOST_OF_A_USER = 50
LOOK_SECONDS = 2.0


class Line(Protocol):
    """One connected agent."""

    agent: Agent

    def is_in(self, call_id: str) -> bool:
        """Whether the client has a live leg in the call."""

    def leg_in(self, call_id: str) -> Leg | None:
        """The client's live leg in the call, as it last heard of it."""

    def leg_told(self, leg_id: str) -> Leg | None:
        """The client's leg as it last heard of it; None when it has no such leg."""

    def tell_role(self, leg: Leg) -> None:
        """Tell the client of its leg's role and capabilities, unless it has heard of them."""

    def tell_end(self, leg: Leg, reason: EndReason) -> None:
        """Tell the client that its leg has ended."""

    def post(self, event: Event, /) -> None:
        """Send an event; an agent that does not read fast enough is cut off."""

    def offer(self, event: Event, /) -> None:
        """Send an event that an agent may miss when it does not read fast enough."""

    def look(self, now: datetime) -> None:
        """See to a token that has come near its end."""

    def cut(self, code: int) -> None:
        """Close the connection, after what was posted."""


class Agents:
    """Who is connected here. An agent that connects twice keeps the newer connection.

    A user has so many connections; the oldest of them gives way.
    """

    def __init__(self) -> None:
        # By user, and then by agent: an agent's id is the client's to repeat, so it means nothing
        # without its user.
        self._lines: dict[str, dict[str, Line]] = {}
        self._requests = Rates(SHARE * REQUESTS_A_SECOND, SHARE * REQUESTS_AT_ONCE)
        self._messages = Rates(SHARE * MESSAGES_A_SECOND, SHARE * MESSAGES_AT_ONCE)
        self._octets = Rates(SHARE * OCTETS_A_SECOND, SHARE * OCTETS_AT_ONCE)
        self._joins = Rates(JOINS_A_SECOND, JOINS_AT_ONCE)

    def add(self, line: Line) -> Line | None:
        """Note a connection; gives the older one that has to go for it, if there is one."""
        his = self._lines.setdefault(line.agent.raw_id, {})
        older = his.pop(line.agent.id, None)
        if older is None and len(his) >= MOST_OF_A_USER:
            older = his.pop(next(iter(his)))
        his[line.agent.id] = line
        return older

    def remove(self, line: Line) -> bool:
        """Forget a connection. False when it has been made to go before."""
        his = self._lines.get(line.agent.raw_id, {})
        if his.get(line.agent.id) is not line:
            return False
        del his[line.agent.id]
        if not his:
            del self._lines[line.agent.raw_id]
        return True

    def requests(self, raw_id: str) -> Share:
        """How much one more connection of a user may ask for."""
        return Share(raw_id, Rate(REQUESTS_A_SECOND, REQUESTS_AT_ONCE), self._requests)

    def messages(self, raw_id: str) -> Allowance:
        """How much one more connection of a user may write to others in calls."""
        return Allowance(
            Share(raw_id, Rate(MESSAGES_A_SECOND, MESSAGES_AT_ONCE), self._messages),
            Share(raw_id, Rate(OCTETS_A_SECOND, OCTETS_AT_ONCE), self._octets),
        )

    def enter(self, raw_id: str) -> None:
        """A user wants into a call. Raises `TooOften`."""
        if not self._joins.take(raw_id):
            raise TooOften

    def of_leg(self, leg: Leg) -> Line | None:
        """The connection of the agent that a leg belongs to."""
        return self.of(leg.raw_id, leg.agent_id)

    def of(self, raw_id: str, agent_id: str) -> Line | None:
        """The connection of a user's agent."""
        return self._lines.get(raw_id, {}).get(agent_id)

    def of_user(self, raw_id: str) -> list[Line]:
        return list(self._lines.get(raw_id, {}).values())

    def ids_of_user(self, raw_id: str) -> list[str]:
        return [line.agent.id for line in self.of_user(raw_id)]

    def of_resource(self, resource_id: str) -> list[Line]:
        return [line for line in self.all() if line.agent.caller.user.resource == resource_id]

    def in_call(self, call_id: str) -> list[Line]:
        return [line for line in self.all() if line.is_in(call_id)]

    def all(self) -> list[Line]:
        return [line for his in self._lines.values() for line in his.values()]

    async def watch(self, clock: Clock) -> None:
        """Let all look at their tokens, again and again: the clock may be set at any moment."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = clock()
            for line in self.all():
                line.look(now)
