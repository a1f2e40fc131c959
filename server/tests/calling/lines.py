"""A connected agent for tests: keeps what it is told."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from openrooms.calling import wire
from openrooms.calling.event_wire import Event
from openrooms.calling.joining import Agent
from openrooms.calling.model import EndReason, Leg


@dataclass(slots=True)
class KeptLine:
    """A line that keeps events and close codes instead of sending them."""

    agent: Agent
    # By call.
    legs: dict[str, Leg] = field(default_factory=dict)
    events: asyncio.Queue[Event] = field(default_factory=asyncio.Queue)
    codes: list[int] = field(default_factory=list)

    def is_in(self, call_id: str) -> bool:
        return call_id in self.legs

    def leg_in(self, call_id: str) -> Leg | None:
        return self.legs.get(call_id)

    def leg_told(self, leg_id: str) -> Leg | None:
        return None

    def tell_role(self, leg: Leg) -> None:
        self.post(wire.role_changed(leg, before=leg))

    def tell_end(self, leg: Leg, reason: EndReason) -> None:
        self.post(wire.ended(leg, reason))

    def post(self, event: Event, /) -> None:
        self.events.put_nowait(event)

    def offer(self, event: Event, /) -> None:
        self.post(event)

    def look(self, now: datetime) -> None:
        """It has no token to look at."""

    def cut(self, code: int) -> None:
        self.codes.append(code)
