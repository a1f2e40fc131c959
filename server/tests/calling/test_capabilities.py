"""What a user may do, by role and by kind of call."""

import pytest

from openrooms.calling.capabilities import (
    NAMES,
    CallKind,
    Capabilities,
    Reason,
    Standing,
    decide,
)
from openrooms.media.engine import Source
from openrooms.rooms.model import Role

CALLS = [CallKind.GROUP, CallKind.DIRECT]


def in_room(role: Role) -> Capabilities:
    return decide(Standing(CallKind.ROOM, role))


def test_a_consumer_sends_nothing_and_an_attendee_no_screen() -> None:
    assert in_room(Role.CONSUMER).grants.sources == frozenset()
    assert in_room(Role.ATTENDEE).grants.sources == {Source.CAMERA, Source.MICROPHONE}
    assert in_room(Role.COLLABORATOR).grants.sources == set(Source)
    assert in_room(Role.PRESENTER).grants.sources == set(Source)


@pytest.mark.parametrize("role", Role)
def test_every_role_may_receive(role: Role) -> None:
    assert in_room(role).grants.subscribe


@pytest.mark.parametrize("role", Role)
def test_what_a_client_is_told_is_what_the_engine_enforces(role: Role) -> None:
    told = in_room(role)

    assert told.has("turnVideoOn") == (Source.CAMERA in told.grants.sources)
    assert told.has("unmuteMic") == (Source.MICROPHONE in told.grants.sources)
    assert told.has("shareScreen") == (Source.SCREEN_SHARE in told.grants.sources)


@pytest.mark.parametrize("role", Role)
def test_every_capability_of_the_sdk_is_always_told(role: Role) -> None:
    assert len(dict(in_room(role).items())) == len(NAMES) == 25


@pytest.mark.parametrize("kind", CALLS)
def test_in_calls_without_roles_everybody_may_send_everything(kind: CallKind) -> None:
    assert decide(Standing(kind)).grants.sources == set(Source)


@pytest.mark.parametrize("role", Role)
def test_nobody_ends_a_room_call_for_everyone(role: Role) -> None:
    assert in_room(role).reason("hangUpForEveryOne") is Reason.NOT_IN_THIS_CALL


@pytest.mark.parametrize("kind", CALLS)
def test_a_call_without_a_room_can_be_ended_for_everyone(kind: CallKind) -> None:
    assert decide(Standing(kind)).has("hangUpForEveryOne")


@pytest.mark.parametrize(
    ("name", "standing"),
    [
        ("unmuteMic", Standing(CallKind.ROOM, Role.ATTENDEE, audio=False)),
        ("turnVideoOn", Standing(CallKind.ROOM, Role.ATTENDEE, video=False)),
    ],
)
def test_who_may_not_speak_or_show_himself_is_told_that_it_is_the_meeting(
    name: str, standing: Standing
) -> None:
    assert decide(standing).reason(name) is Reason.MEETING_RESTRICTED


def test_permissions_go_before_the_role() -> None:
    attendee = decide(Standing(CallKind.ROOM, Role.ATTENDEE, permissions={"shareScreen": True}))
    presenter = decide(Standing(CallKind.ROOM, Role.PRESENTER, permissions={"shareScreen": False}))

    assert Source.SCREEN_SHARE in attendee.grants.sources
    assert presenter.reason("shareScreen") is Reason.ROLE_RESTRICTED


def test_a_permission_gives_nothing_that_the_call_does_not_have() -> None:
    wished = Standing(CallKind.ROOM, Role.PRESENTER, permissions={"hangUpForEveryOne": True})

    assert decide(wished).reason("hangUpForEveryOne") is Reason.NOT_IN_THIS_CALL


@pytest.mark.parametrize("letters", ["", "C", "?" * 25])
def test_what_was_not_decided_by_this_version_allows_nothing(letters: str) -> None:
    unknown = Capabilities(letters)

    assert unknown.reason("unmuteMic") is Reason.NOT_INITIALIZED
    assert unknown.grants.sources == frozenset()
