"""Who may come in, what a live leg stands on, what a name may look like."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.calling.capabilities import CallKind
from openrooms.calling.errors import (
    CallFull,
    JoinRefused,
    MalformedGroupId,
    MalformedRoomId,
    NoSuchRoom,
    NotInvited,
    OutsideWindow,
    SignedOut,
    StartNotAllowed,
)
from openrooms.calling.model import (
    REMOVED_FROM_ROSTER,
    REVOKED,
    ROOM_DELETED,
    Door,
    Ground,
    GroupDoor,
    admit,
    admit_to_group,
    clean_name,
    fall,
    group_id,
    leg_of_seat,
    room_number,
)
from openrooms.rooms.model import Role, Room, Window

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ROOM = Room(
    id=99412345678901234,
    resource_id="r",
    created_at=NOW,
    window=Window(NOW, NOW + timedelta(days=1)),
    pstn_dial_out_enabled=False,
)
OPEN = Door(room=ROOM, role=Role.ATTENDEE, signed_in=True, live_legs=0)
SOUND = Ground(CallKind.ROOM, signed_in=True, room_exists=True, role=Role.ATTENDEE)
GROUP = GroupDoor(signed_in=True, is_there=True, may_open=False, live_legs=1)


@pytest.mark.parametrize("role", Role)
def test_an_invited_user_comes_in_with_the_role_of_the_roster(role: Role) -> None:
    assert admit(replace(OPEN, role=role), NOW) is role


@pytest.mark.parametrize(
    ("door", "refusal"),
    [
        (replace(OPEN, signed_in=False, room=None, role=None), SignedOut),
        (replace(OPEN, room=None, role=None), NoSuchRoom),
        (replace(OPEN, role=None), NotInvited),
        (replace(OPEN, live_legs=350), CallFull),
        (replace(OPEN, live_legs=2, most_legs=2), CallFull),
    ],
)
def test_a_join_is_refused_for_the_first_thing_that_is_wrong(
    door: Door, refusal: type[JoinRefused]
) -> None:
    with pytest.raises(refusal):
        admit(door, NOW)


@pytest.mark.parametrize("at", [NOW - timedelta(microseconds=1), NOW + timedelta(days=1)])
def test_nobody_comes_in_before_the_window_or_at_its_end(at: datetime) -> None:
    with pytest.raises(OutsideWindow):
        admit(OPEN, at)


@given(st.timedeltas(timedelta(0), timedelta(days=1) - timedelta(microseconds=1)))
def test_every_moment_of_the_window_admits(after: timedelta) -> None:
    assert admit(OPEN, NOW + after) is Role.ATTENDEE


def test_a_stranger_learns_nothing_of_the_window() -> None:
    with pytest.raises(NotInvited):
        admit(replace(OPEN, role=None), NOW + timedelta(days=9))


@pytest.mark.parametrize(
    ("ground", "reason"),
    [
        (SOUND, None),
        (replace(SOUND, signed_in=False, room_exists=False), REVOKED),
        (replace(SOUND, room_exists=False, role=None), ROOM_DELETED),
        (replace(SOUND, role=None), REMOVED_FROM_ROSTER),
    ],
)
def test_a_live_leg_falls_with_what_it_stands_on(ground: Ground, reason: object) -> None:
    assert fall(ground) is reason


def test_removal_and_deletion_end_with_the_codes_of_the_hosted_service() -> None:
    assert (REMOVED_FROM_ROSTER.code, REMOVED_FROM_ROSTER.sub_code) == (0, 5317)
    assert (ROOM_DELETED.code, ROOM_DELETED.sub_code) == (0, 5317)
    assert (REVOKED.code, REVOKED.sub_code) == (401, 10009)


@pytest.mark.parametrize("kind", [CallKind.GROUP, CallKind.DIRECT])
def test_a_leg_outside_rooms_stands_on_its_tokens_alone(kind: CallKind) -> None:
    assert fall(Ground(kind, signed_in=True)) is None
    assert fall(Ground(kind, signed_in=False)) is REVOKED


def test_whoever_knows_a_group_id_comes_in() -> None:
    admit_to_group(GROUP)
    admit_to_group(replace(GROUP, is_there=False, may_open=True))


@pytest.mark.parametrize(
    ("door", "refusal"),
    [
        (replace(GROUP, signed_in=False, is_there=False), SignedOut),
        (replace(GROUP, is_there=False), StartNotAllowed),
        (replace(GROUP, live_legs=350), CallFull),
        (replace(GROUP, live_legs=2, most_legs=2), CallFull),
    ],
)
def test_a_join_by_group_id_is_refused_for_the_first_thing_that_is_wrong(
    door: GroupDoor, refusal: type[JoinRefused]
) -> None:
    with pytest.raises(refusal):
        admit_to_group(door)


def test_a_leg_that_gives_way_leaves_its_seat() -> None:
    admit_to_group(replace(GROUP, live_legs=350), leaving=1)


@pytest.mark.parametrize(
    "text",
    ["", "lobby", "5f0f4a6e8c0a4c6b9d5d2f6f5a4c7e10", "{5f0f4a6e-8c0a-4c6b-9d5d-2f6f5a4c7e10}"],
)
def test_what_is_no_guid_is_no_group_id(text: str) -> None:
    with pytest.raises(MalformedGroupId):
        group_id(text)


@given(st.uuids())
def test_a_group_id_is_the_same_in_either_case(group: UUID) -> None:
    assert group_id(str(group).upper()) == group_id(str(group)) == str(group)


@pytest.mark.parametrize(
    "text", ["", "abc", "99" * 20, "1234", "99412345678901\uff1234", "-99412345678901234"]
)
def test_what_is_no_room_id_is_malformed(text: str) -> None:
    with pytest.raises(MalformedRoomId):
        room_number(text)


def test_an_id_that_is_never_given_out_names_no_room() -> None:
    with pytest.raises(NoSuchRoom):
        room_number("01234567890123456")


@given(st.integers(10**16, 10**17 - 1))
def test_every_room_id_is_read_as_its_number(number: int) -> None:
    assert room_number(str(number)) == number


@given(st.text())
def test_a_cleaned_name_is_short_and_has_no_control_characters(name: str) -> None:
    shown = clean_name(name)

    assert len(shown) <= 256
    assert shown.isprintable()


def test_a_name_of_people_is_kept() -> None:
    assert clean_name("  Dr. Zoë Ćwik-O'Neil 医者\n") == "Dr. Zoë Ćwik-O'Neil 医者"


@pytest.mark.parametrize(("seat", "leg"), [("8:acs:a_b~7f", "7f"), ("nobody", ""), ("a~b~c", "c")])
def test_the_leg_is_read_from_the_seat(seat: str, leg: str) -> None:
    assert leg_of_seat(seat) == leg
