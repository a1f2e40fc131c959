"""The messages of the agent socket, held to specs/calling/."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec import Struct

from openrooms.calling import messages_wire, wire
from openrooms.calling.capabilities import CallKind, Standing, decide
from openrooms.calling.diagnostics_wire import Diagnosis, diagnostics
from openrooms.calling.errors import CallFull
from openrooms.calling.features import Features
from openrooms.calling.features_wire import view_of_features
from openrooms.calling.model import REMOVED_FROM_ROSTER, REVOKED, Call, Leg
from openrooms.rooms.model import Role

SPECS = Path(__file__).parents[3] / "specs" / "calling"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CALL = Call("c", "r", CallKind.ROOM, "s", NOW, room_id=99412345678901234)
GROUP = Call("c", "r", CallKind.GROUP, "s", NOW, group_id="5f0f4a6e-8c0a-4c6b-9d5d-2f6f5a4c7e10")
LEG = Leg(
    id="p",
    call_id="c",
    resource_id="r",
    raw_id="8:acs:a_b",
    generation=0,
    display_name="Bo",
    role=Role.ATTENDEE,
    agent_id="g",
    version=1,
    connected=True,
    joined_at=NOW,
    capabilities=decide(Standing(CallKind.ROOM, Role.ATTENDEE)),
)
MUTED = replace(LEG, capabilities=decide(Standing(CallKind.ROOM, Role.ATTENDEE, audio=False)))
PRESENTER = replace(LEG, role=Role.PRESENTER)
FEATURES = Features(
    hands=("8:acs:a_b",),
    spotlights=("8:acs:a_b",),
    video=False,
    others=(("8:acs:a_b", False, True),),
)
JOINED = wire.Joined(
    call=wire.view_of_call(CALL),
    leg=wire.own_leg(LEG, "connecting"),
    legs=[wire.view_of_leg(LEG, "connected")],
    features=view_of_features(FEATURES),
    media=wire.Media(path="/calling/v1/media", ticket="t"),
    next=wire.Media(path="/calling/v1/media", ticket="u"),
)
WELCOME = wire.Welcome(
    1, "g", "8:acs:a_b", "Bo", wire.moment(NOW), wire.moment(NOW), next=JOINED.next
)

SNAPSHOT = wire.Snapshot(
    call=JOINED.call, leg=JOINED.leg, legs=JOINED.legs, features=JOINED.features
)
QUIET = (
    *("mute", "raiseHand", "lowerHands", "spotlight", "react", "diagnose", "mediaAccess", "hold"),
    *("sendData", "closeData", "sendText", "survey"),
)


DATA = messages_wire.Data(
    call_id="c",
    participant_id="p",
    raw_id="8:acs:a_b",
    channel_id=1,
    session=1,
    sequence=1,
    reliability="Lossy",
    data=b"\x00\xff",
)
DATA_CLOSED = messages_wire.DataClosed(call_id="c", participant_id="p", channel_id=1, session=1)
TEXT = messages_wire.Text(
    call_id="c",
    participant_id="p",
    raw_id="8:acs:a_b",
    display_name="Ada",
    sequence=1,
    text="Hel",
    final=False,
)


def schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SPECS / f"{name}.json").read_text())
    return loaded


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("answer.hello", wire.Answer(1, ok=WELCOME)),
        ("answer.refreshToken", wire.Answer(1, ok=wire.Refreshed(wire.moment(NOW)))),
        ("answer.ping", wire.Answer(1, ok=wire.Done())),
        ("answer.leave", wire.Answer(1, ok=wire.Done())),
        ("answer.goodbye", wire.Answer(1, ok=wire.Done())),
        ("answer.join", wire.Answer(1, ok=JOINED)),
        ("answer.error", wire.Answer(1, error=wire.problem(CallFull()))),
        ("event.tokenExpiring", wire.TokenExpiring(expires_on=wire.moment(NOW))),
        ("event.signedOut", wire.signed_out(REVOKED)),
        ("event.legsChanged", wire.legs_changed("c", JOINED.legs, ["x"])),
        ("event.legsChanged", wire.legs_changed("c", [], ["x"], ends={"x": REVOKED})),
        ("answer.start", wire.Answer(1, ok=JOINED)),
        ("answer.accept", wire.Answer(1, ok=JOINED)),
        ("answer.reject", wire.Answer(1, ok=wire.Done())),
        ("answer.add", wire.Answer(1, ok=wire.Done())),
        ("answer.remove", wire.Answer(1, ok=wire.Done())),
        ("answer.end", wire.Answer(1, ok=wire.Done())),
        ("event.incoming", wire.incoming(LEG, CALL, caller_name="Ada")),
        ("event.incomingEnded", wire.incoming_ended(LEG, REVOKED)),
        ("event.roleChanged", wire.role_changed(LEG, before=PRESENTER)),
        ("event.ended", wire.ended(LEG, REMOVED_FROM_ROSTER)),
        ("event.snapshot", SNAPSHOT),
        *[(f"answer.{op}", wire.Answer(1, ok=wire.Done())) for op in QUIET],
        ("answer.name", wire.Answer(1, ok=wire.Named("Bo"))),
        ("event.featuresChanged", wire.features_changed("c", FEATURES)),
        ("event.reaction", wire.Reaction(call_id="c", raw_id="8:acs:a_b", reaction_type="like")),
        ("event.diagnostics", diagnostics(LEG, [Diagnosis("noNetwork", value=True)])),
        ("event.data", DATA),
        ("event.dataClosed", DATA_CLOSED),
        ("event.text", TEXT),
        ("event.mutedByOthers", wire.MutedByOthers(call_id="c", participant_id="p", by="r")),
    ],
)
def test_what_we_send_is_what_the_description_says(name: str, message: Struct) -> None:
    sent = json.loads(wire.encode(message))

    Draft202012Validator(schema(name)).validate(sent)


def test_the_events_are_numbered_by_their_connection() -> None:
    event = wire.signed_out(REVOKED)
    event.seq = 7

    assert json.loads(wire.encode(event))["seq"] == 7


def test_a_refusal_at_the_gate_carries_the_codes() -> None:
    assert json.loads(wire.encode_refusal(CallFull())) == {
        "error": {"code": 413, "subCode": 5808, "message": CallFull.message}
    }


def test_a_call_is_told_with_the_one_id_by_which_it_can_be_joined() -> None:
    room, group = wire.view_of_call(CALL), wire.view_of_call(GROUP)

    assert (room.kind, room.room_id, room.group_id) == ("room", "99412345678901234", "")
    assert (group.kind, group.room_id, group.group_id) == ("group", "", GROUP.group_id)


def test_a_change_says_whether_it_is_the_role_or_the_meeting() -> None:
    assert wire.role_changed(LEG, before=PRESENTER).reason == "RoleChanged"
    assert wire.role_changed(MUTED, before=LEG).reason == "MeetingOptionOrOrganizerPolicyChanged"


def test_a_leg_without_a_role_is_told_by_the_word_of_the_sdk() -> None:
    assert wire.view_of_leg(replace(LEG, role=None), "connected").role == "Unknown"


def test_a_leg_that_holds_is_told_so_unless_its_media_is_gone() -> None:
    held = replace(LEG, on_hold=True)

    assert wire.view_of_leg(held, "connected").state == "hold"
    assert wire.own_leg(held, "connected").state == "hold"
    assert wire.view_of_leg(held, "reconnecting").state == "reconnecting"
