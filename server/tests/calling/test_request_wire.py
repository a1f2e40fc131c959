"""What clients send over the agent socket, held to specs/calling/."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from openrooms.calling import request_wire
from openrooms.calling.diagnostics_wire import FLAGS, QUALITIES
from openrooms.calling.errors import BadMessage

SPECS = Path(__file__).parents[3] / "specs" / "calling"


DATA = {
    "callId": "c",
    "channelId": 1000,
    "session": 1,
    "sequence": 1,
    "reliability": "Durable",
    "priority": "Normal",
    "rawIds": None,
    "data": "AAEC/w==",
}
LARGEST, TOO_LARGE = [b64encode(bytes(32 * 1024 + more)).decode() for more in (0, 1)]


def schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SPECS / f"{name}.json").read_text())
    return loaded


SCALE = {"lowerBound": 0, "upperBound": 100, "lowScoreThreshold": 40}


def survey(ratings: dict[str, object]) -> dict[str, Any]:
    return {"id": 1, "op": "survey", "surveyId": "s", "participantId": None, "ratings": ratings}


def diagnose(*said: tuple[str, object]) -> dict[str, Any]:
    told = [{"diagnostic": name, "value": value} for name, value in said]
    return {"id": 1, "op": "diagnose", "callId": "c", "diagnostics": told}


@pytest.mark.parametrize(
    "message",
    [
        {"id": 1, "op": "hello", "version": 1, "token": "t"},
        {"id": 1, "op": "hello", "version": 1, "token": "t", "agentId": None, "displayName": "x"},
        {"id": 2, "op": "refreshToken", "token": "t"},
        {"id": 3, "op": "ping"},
        {"id": 4, "op": "goodbye"},
        {"id": 5, "op": "join", "roomId": "99412345678901234", "joinId": "j"},
        {"id": 5, "op": "join", "groupId": "5f0f4a6e-8c0a-4c6b-9d5d-2f6f5a4c7e10", "joinId": "j"},
        {"id": 7, "op": "start", "rawIds": ["8:acs:a_b"], "joinId": "j"},
        {"id": 7, "op": "accept", "participantId": "p", "joinId": "j"},
        {"id": 7, "op": "reject", "participantId": "p"},
        {"id": 7, "op": "add", "callId": "c", "rawIds": ["8:acs:a_b"]},
        {"id": 7, "op": "remove", "callId": "c", "rawId": "8:acs:a_b"},
        {"id": 7, "op": "end", "callId": "c"},
        {"id": 8, "op": "mute", "callId": "c", "rawIds": None},
        {"id": 8, "op": "mute", "callId": "c", "rawIds": ["8:acs:a_b"]},
        {"id": 8, "op": "raiseHand", "callId": "c"},
        {"id": 8, "op": "lowerHands", "callId": "c", "rawIds": None},
        {"id": 8, "op": "spotlight", "callId": "c", "rawIds": ["8:acs:a_b"], "on": True},
        {"id": 8, "op": "react", "callId": "c", "reactionType": "like"},
        diagnose(("networkReconnect", 3), ("cameraFreeze", False)),
        {"id": 8, "op": "mediaAccess", "callId": "c", "rawIds": None, "audio": False},
        {"id": 8, "op": "hold", "callId": "c", "on": True},
        {"id": 8, "op": "name", "displayName": "Dr. Ada Ruiz"},
        {"id": 9, "op": "sendData", **DATA},
        {"id": 9, "op": "sendData", **DATA, "rawIds": ["8:acs:a_b"] * 64, "data": LARGEST},
        {"id": 9, "op": "sendData", **DATA, "channelId": 65_535, "data": ""},
        {"id": 9, "op": "closeData", "callId": "c", "channelId": 1, "session": 2**32 - 1},
        {
            "id": 9,
            "op": "sendText",
            "callId": "c",
            "sequence": 1,
            "text": "x" * 2000,
            "final": True,
        },
        survey({"overallRating": {"score": 5}}),
        survey({"videoRating": {"score": 0.5, "issues": ["Freezes"], "scale": SCALE}}),
        {"id": 6, "op": "leave", "callId": "c", "unknown": {"field": [1]}},
    ],
)
def test_a_request_of_the_description_is_understood(message: dict[str, Any]) -> None:
    Draft202012Validator(schema(f"request.{message['op']}")).validate(message)

    request = request_wire.decode_request(json.dumps(message))

    assert (request.id, request.op) == (message["id"], message["op"])
    assert type(request) is request_wire.OPS[message["op"]]


@pytest.mark.parametrize(
    "message",
    [
        {"id": 1, "op": "sing"},
        {"id": 1, "op": "join"},
        {"id": 1, "op": "join", "roomId": 7, "joinId": "j"},
        {"id": 1, "op": "start", "rawIds": ["x"] * 351, "joinId": "j"},
        {"id": 1, "op": "mute", "callId": "c", "rawIds": ["x"] * 351},
        {"id": 1, "op": "mute", "callId": "c"},
        {"id": 1, "op": "react", "callId": "c", "reactionType": "<b>"},
        {"id": 1, "op": "name", "displayName": "x" * 1025},
        diagnose(),
        diagnose(("speakingWhileMicrophoneIsMuted", True)),
        diagnose(("noNetwork", 1)),
        diagnose(("networkReconnect", True)),
        diagnose(("networkReconnect", 4)),
        diagnose(("networkReconnect", 1.5)),
        diagnose(("cameraFreeze", "<b>")),
        diagnose(*[("cameraFreeze", True)] * (len(QUALITIES | FLAGS) + 1)),
        {"id": 1, "op": "sendData", **DATA, "channelId": 0},
        {"id": 1, "op": "sendData", **DATA, "channelId": 65_536},
        {"id": 1, "op": "sendData", **DATA, "channelId": "1"},
        {"id": 1, "op": "sendData", **DATA, "session": 0},
        {"id": 1, "op": "sendData", **DATA, "sequence": 2**32},
        {"id": 1, "op": "sendData", **DATA, "reliability": "Sure"},
        {"id": 1, "op": "sendData", **DATA, "priority": "Highest"},
        {"id": 1, "op": "sendData", **DATA, "rawIds": []},
        {"id": 1, "op": "sendData", **DATA, "rawIds": ["x"] * 65},
        {"id": 1, "op": "sendData", **DATA, "data": TOO_LARGE},
        {"id": 1, "op": "sendData", **DATA, "data": "no base64"},
        {"id": 1, "op": "sendData", **DATA, "data": [1, 2]},
        {"id": 1, "op": "closeData", "callId": "c", "channelId": -1, "session": 1},
        {
            "id": 1,
            "op": "sendText",
            "callId": "c",
            "sequence": 1,
            "text": "x" * 2001,
            "final": True,
        },
        survey({}),
        survey({"overallRating": {"score": 6}}),
        survey({"overallRating": {"score": 1, "issues": ["<b>"]}}),
        {"id": 1, "op": "survey", "ratings": {"overallRating": {"score": 5}}},
        {"id": 1, "op": "sendText", "callId": "c", "sequence": 0, "text": "x", "final": True},
        {"id": 1, "op": "sendText", "callId": "c", "sequence": 1, "text": None, "final": True},
    ],
)
def test_a_request_that_cannot_be_done_is_answered_by_its_id(message: dict[str, Any]) -> None:
    with pytest.raises(request_wire.UnreadableRequest) as refused:
        request_wire.decode_request(json.dumps(message))

    assert refused.value.request_id == 1
    assert refused.value.message


@pytest.mark.parametrize("text", ["", "null", "[1]", "{}", '{"id": "1", "op": "ping"}', "[" * 5000])
def test_what_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(BadMessage):
        request_wire.decode_request(text)


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(BadMessage):
        request_wire.decode_request(text)
