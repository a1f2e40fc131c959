"""What every event on the agent socket has (docs/agent-socket.md)."""

from typing import ClassVar

from msgspec import Struct


class Event(Struct, rename="camel", kw_only=True):
    """What every event has; `seq` is set as it is sent."""

    name: ClassVar[str] = ""
    event: str = ""
    seq: int = 0

    def __post_init__(self) -> None:
        self.event = self.name
