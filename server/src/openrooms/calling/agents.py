"""The call agents that are connected to this process, and the way to tell them something."""

from collections.abc import Iterable
from typing import Protocol

from openrooms.calling import wire
from openrooms.calling.joining import Agent
from openrooms.calling.model import EndReason, Leg


class Line(Protocol):
    """One connected agent."""

    agent: Agent

    def is_in(self, call_id: str) -> bool:
        """Whether the client has a live leg in the call."""

    def leg_told(self, leg_id: str) -> Leg | None:
        """The client's leg as it last heard of it; None when it has no such leg."""

    def tell_role(self, leg: Leg) -> None:
        """Tell the client of its leg's role and capabilities, unless it has heard of them."""

    def tell_end(self, leg: Leg, reason: EndReason) -> None:
        """Tell the client that its leg has ended."""

    def post(self, event: wire.Event, /) -> None:
        """Send an event; an agent that does not read fast enough is cut off."""

    def cut(self, code: int) -> None:
        """Close the connection, after what was posted."""


class Agents:
    """Who is connected here. An agent that connects twice keeps the newer connection."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], Line] = {}

    def add(self, line: Line) -> Line | None:
        """Note a connection; gives the older one of the same agent, if there was one."""
        older = self._lines.get(_key(line))
        self._lines[_key(line)] = line
        return older

    def remove(self, line: Line) -> bool:
        """Forget a connection. False when a newer one of the same agent has taken its place."""
        if self._lines.get(_key(line)) is not line:
            return False
        del self._lines[_key(line)]
        return True

    def of_leg(self, leg: Leg) -> Line | None:
        """The connection of the agent that a leg belongs to."""
        return self._lines.get((leg.raw_id, leg.agent_id))

    def of_user(self, raw_id: str) -> list[Line]:
        return [line for (owner, _), line in self._lines.items() if owner == raw_id]

    def of_resource(self, resource_id: str) -> list[Line]:
        return [
            line for line in self._lines.values() if line.agent.caller.user.resource == resource_id
        ]

    def in_call(self, call_id: str) -> list[Line]:
        return [line for line in self._lines.values() if line.is_in(call_id)]

    def all(self) -> Iterable[Line]:
        return list(self._lines.values())


def _key(line: Line) -> tuple[str, str]:
    # An agent's id is the client's to repeat, so it means nothing without its user.
    return line.agent.raw_id, line.agent.id
