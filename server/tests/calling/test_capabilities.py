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
from openrooms.calling.errors import NotPermitted
from openrooms.media.engine import Source
from openrooms.rooms.model import Role
from openrooms.rooms.settings.model import Overridable

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


@pytest.mark.parametrize("name", [one.value for one in Overridable])
def test_each_permission_gives_and_takes_its_capability(name: str) -> None:
    given = Standing(CallKind.ROOM, Role.CONSUMER, permissions={name: True})
    taken = Standing(CallKind.ROOM, Role.PRESENTER, permissions={name: False})

    assert decide(given).has(name)
    assert decide(taken).reason(name) is Reason.ROLE_RESTRICTED


def test_a_permission_for_what_nobody_can_be_given_changes_nothing() -> None:
    wished = dict.fromkeys(NAMES, False)

    assert decide(Standing(CallKind.ROOM, Role.PRESENTER, permissions=wished)).has(
        "viewAttendeeNames"
    )


MANAGING = (
    "addCommunicationUser",
    "removeParticipant",
    "muteOthers",
    "spotlightParticipant",
    "removeParticipantsSpotlight",
    "forbidOthersAudio",
    "forbidOthersVideo",
)


@pytest.mark.parametrize("name", MANAGING)
def test_in_a_room_presenters_alone_manage_the_others(name: str) -> None:
    assert [role for role in Role if in_room(role).has(name)] == [Role.PRESENTER]
    assert in_room(Role.COLLABORATOR).reason(name) is Reason.ROLE_RESTRICTED


def test_everybody_but_a_consumer_raises_his_hand_and_everybody_reacts() -> None:
    assert [role for role in Role if not in_room(role).has("raiseHand")] == [Role.CONSUMER]
    assert all(in_room(role).has("useReactions") for role in Role)


@pytest.mark.parametrize("name", ["addCommunicationUser", "removeParticipant"])
def test_where_the_roster_alone_decides_nobody_rings_or_removes(name: str) -> None:
    strict = Standing(
        CallKind.ROOM, Role.PRESENTER, permissions={name: True}, presenters_manage=False
    )

    assert decide(strict).reason(name) is Reason.NOT_IN_THIS_CALL
    assert decide(Standing(CallKind.GROUP, presenters_manage=False)).has(name)


@pytest.mark.parametrize("kind", CALLS)
def test_without_roles_everybody_has_everything_but_what_is_about_attendees(kind: CallKind) -> None:
    free = dict(decide(Standing(kind)).items())

    assert free["forbidOthersAudio"] is free["forbidOthersVideo"] is Reason.NOT_IN_THIS_CALL
    assert all(
        free[name] is Reason.CAPABLE for name in (*MANAGING[:5], "raiseHand", "useReactions")
    )


OF_MANY = ["muteOthers", "raiseHand", "useReactions", *MANAGING[3:5]]


@pytest.mark.parametrize("name", OF_MANY)
def test_two_in_a_call_have_nothing_that_is_for_many(name: str) -> None:
    two = decide(Standing(CallKind.DIRECT, two_party=True))

    assert two.reason(name) is Reason.NOT_IN_THIS_CALL
    assert two.has("addCommunicationUser")


def test_what_is_not_allowed_is_refused_by_role_or_by_kind() -> None:
    with pytest.raises(NotPermitted) as by_role:
        in_room(Role.ATTENDEE).require("spotlightParticipant")
    with pytest.raises(NotPermitted) as by_kind:
        decide(Standing(CallKind.DIRECT, two_party=True)).require("raiseHand")
    with pytest.raises(NotPermitted) as by_nothing:
        Capabilities().require("muteOthers")

    assert (by_role.value.code, by_role.value.sub_code) == (403, 45903)
    assert (by_kind.value.code, by_kind.value.sub_code) == (400, 45758)
    assert (by_nothing.value.code, by_nothing.value.sub_code) == (403, 10403)


@pytest.mark.parametrize("letters", ["", "C", "?" * 25])
def test_what_was_not_decided_by_this_version_allows_nothing(letters: str) -> None:
    unknown = Capabilities(letters)

    assert unknown.reason("unmuteMic") is Reason.NOT_INITIALIZED
    assert unknown.grants.sources == frozenset()
