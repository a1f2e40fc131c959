"""What clients are told of what participants write to each other (docs/agent-socket.md)."""

from typing import ClassVar

from openrooms.calling.event_wire import Event


class Data(Event, kw_only=True):
    """A message of a data channel, from the leg `participantId` of the user with this raw id."""

    name: ClassVar[str] = "data"
    call_id: str
    participant_id: str
    raw_id: str
    channel_id: int
    session: int
    sequence: int
    reliability: str
    data: bytes


class DataClosed(Event, kw_only=True):
    """A session of a data channel is over, by its sender's wish."""

    name: ClassVar[str] = "dataClosed"
    call_id: str
    participant_id: str
    channel_id: int
    session: int


class Text(Event, kw_only=True):
    """What somebody writes, as far as he has come; to who writes it, too."""

    name: ClassVar[str] = "text"
    call_id: str
    participant_id: str
    raw_id: str
    display_name: str
    sequence: int
    text: str
    final: bool
