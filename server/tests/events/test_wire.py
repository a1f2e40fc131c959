"""Events as they are read again, and the numbers that readers name."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.events import wire
from openrooms.events.errors import BadSequence
from openrooms.events.model import KeptEvent

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ONE = KeptEvent("r", 7, "i", "OpenRooms.RoomCreated", "room/1", '{"room":{"id":"1"}}', AT)
TOLD = {
    "sequence": 7,
    "id": "i",
    "type": "OpenRooms.RoomCreated",
    "subject": "room/1",
    "time": "2026-11-22T09:00:00+00:00",
    "data": {"room": {"id": "1"}},
}


def test_an_event_is_told_as_it_was_written() -> None:
    assert json.loads(wire.write_event(ONE)) == TOLD
    assert json.loads(wire.write_events((ONE,))) == {"value": [TOLD]}
    assert json.loads(wire.write_events((), "https://next")) == {
        "value": [],
        "nextLink": "https://next",
    }


@given(st.integers(0, wire.LARGEST_SEQUENCE))
def test_a_sequence_is_read(number: int) -> None:
    assert wire.parse_sequence(str(number)) == number
    assert wire.parse_sequence(None) == 0


@pytest.mark.parametrize("text", ["", "-1", "1.0", "1 ", "1\n", "\u0661", "9" * 19, "1" * 20])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadSequence):
        wire.parse_sequence(text)
