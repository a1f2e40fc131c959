"""Bodies of room settings, to values and back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.http.held import operation, taken

from openrooms.http.errors import MalformedBody
from openrooms.rooms.errors import MalformedRequest
from openrooms.rooms.settings import wire
from openrooms.rooms.settings.description import description
from openrooms.rooms.settings.model import AtExpiry, RoomRules, RoomSettings, RulesChange

DESCRIBED = taken(description(), "v1", operation(description(), "RoomSettings_Update"))
NAMES = st.sampled_from(["shareScreen", "raiseHand", "hangUpForEveryOne"])
GIVEN = st.dictionaries(NAMES, st.booleans() | st.none() | st.integers(), max_size=2)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "atExpiry": st.sampled_from(["stay", "end", "End", None, 1]),
        "graceMinutes": st.integers(-2, 1500) | st.none() | st.booleans(),
        "participantLimit": st.integers(-2, 400) | st.none() | st.just("4"),
        "permissions": st.dictionaries(st.just("8:acs:a_b"), GIVEN | st.none(), max_size=1),
        "other": st.none(),
    },
)


def test_what_is_said_is_taken_and_the_rest_left() -> None:
    body = b'{"atExpiry":"stay","participantLimit":null,"permissions":{"a":{"raiseHand":false}}}'

    assert wire.read_change(body) == RulesChange(
        {"at_expiry": AtExpiry.STAY, "participant_limit": None}, {"a": {"raiseHand": False}}
    )
    assert wire.read_change(b'{"graceMinutes":0}') == RulesChange({"grace_minutes": 0})


def test_rules_are_told_whole() -> None:
    rules = RoomRules(RoomSettings(AtExpiry.END, 5, 10), {"a": {"raiseHand": False}})

    assert json.loads(wire.write_rules("994", rules)) == {
        "roomId": "994",
        "atExpiry": "end",
        "graceMinutes": 5,
        "participantLimit": 10,
        "permissions": {"a": {"raiseHand": False}},
    }


def test_a_body_that_is_no_json_is_refused() -> None:
    with pytest.raises(MalformedBody):
        wire.read_change(b"{")


@given(BODIES)
def test_exactly_what_is_described_is_taken(body: dict[str, object]) -> None:
    try:
        wire.read_change(json.dumps(body).encode())
        is_taken = True
    except MalformedRequest:
        is_taken = False

    assert is_taken == DESCRIBED.is_valid(body)
