"""The JSON of events that are read again: values to bodies, and places in the list to text and back."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from openrooms.events.errors import BadSequence
from openrooms.events.model import KeptEvent
from openrooms.http.bodies import encode_json
from openrooms.http.dates import format_moment

LARGEST_SEQUENCE = 2**63 - 1
_SEQUENCE = re.compile(r"[0-9]{1,19}\Z")


class EventModel(msgspec.Struct, rename="camel"):
    """An event. `sequence` counts the events of the resource without gaps."""

    sequence: int
    id: str
    type: str
    subject: str
    time: str
    # Any: what is told differs by type.
    data: dict[str, Any]


class EventsModel(msgspec.Struct, rename="camel"):
    """A page of events, in the order of their sequence."""

    value: list[EventModel]
    next_link: str | UnsetType = UNSET


def write_data(told: Mapping[str, object]) -> str:
    """What is told of something that has happened, as it is kept."""
    return encode_json(told).decode()


def parse_sequence(text: str | None) -> int:
    """The sequence number after which a reader goes on; 0 when none is named. Raises `BadSequence`."""
    if text is None:
        return 0
    if not _SEQUENCE.match(text) or int(text) > LARGEST_SEQUENCE:
        raise BadSequence
    return int(text)


def event_model(one: KeptEvent) -> EventModel:
    data = msgspec.json.decode(one.data, type=dict[str, Any])
    return EventModel(one.sequence, one.id, one.type, one.subject, format_moment(one.at), data)


def write_events(events: tuple[KeptEvent, ...], next_link: str | None = None) -> bytes:
    return encode_json(EventsModel([event_model(one) for one in events], next_link or UNSET))


def write_event(one: KeptEvent) -> bytes:
    return encode_json(event_model(one))
