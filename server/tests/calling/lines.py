"""A connected agent for tests: keeps what it is told."""

import asyncio
from dataclasses import dataclass, field

from openrooms.calling import wire
from openrooms.calling.service import Agent


@dataclass(slots=True)
class KeptLine:
    """A line that keeps events and close codes instead of sending them."""

    agent: Agent
    calls: set[str] = field(default_factory=set)
    events: asyncio.Queue[wire.Event] = field(default_factory=asyncio.Queue)
    codes: list[int] = field(default_factory=list)

    def post(self, event: wire.Event) -> None:
        self.events.put_nowait(event)

    def cut(self, code: int) -> None:
        self.codes.append(code)
