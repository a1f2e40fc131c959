"""The rules of rooms: windows, rosters, roles, ids."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.rooms.errors import (
    EndsInThePast,
    FirstSentTooFarOff,
    InvalidRoomId,
    InvalidRoomIdLength,
    RoomNotFound,
    RosterFull,
    StartsTooLate,
    WindowTooLong,
)
from openrooms.rooms.model import (
    LONGEST_WINDOW,
    REPEAT_TOLERANCE,
    Invitation,
    NewRoom,
    Role,
    RoomChange,
    Window,
    change_roster,
    change_window,
    check_first_sent,
    check_window,
    choose_window,
    invite,
    parse_role,
    parse_room_id,
)

NOW = datetime(2026, 11, 22, 9, 30, 0, 123456, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)
STORED = Window(NOW, NOW + timedelta(days=10))

moments = st.datetimes(timezones=st.just(UTC))
maybe_moments = st.none() | moments
lengths = st.timedeltas(MICROSECOND, LONGEST_WINDOW)
letters = st.sampled_from("abcdefgh")
roles = st.sampled_from(Role)
wish_lists = st.dictionaries(letters, st.none() | roles)


def invitations(*raw_ids: str) -> tuple[Invitation, ...]:
    return tuple(Invitation(raw_id, Role.ATTENDEE, place) for place, raw_id in enumerate(raw_ids))


# Windows


def test_a_window_left_out_is_from_now_for_180_days() -> None:
    assert choose_window(NOW, None, None) == Window(NOW, NOW + timedelta(days=180))


@given(lengths)
def test_every_accepted_window_admits_its_start_and_not_its_end(length: timedelta) -> None:
    window = choose_window(NOW, NOW, NOW + length)

    assert window.admits(window.valid_from)
    assert window.admits(window.valid_until - MICROSECOND)
    assert not window.admits(window.valid_from - MICROSECOND)
    assert not window.admits(window.valid_until)


@given(maybe_moments, maybe_moments)
def test_any_two_dates_give_a_window_or_one_of_three_errors(
    valid_from: datetime | None, valid_until: datetime | None
) -> None:
    try:
        window = choose_window(NOW, valid_from, valid_until)
    except (EndsInThePast, StartsTooLate, WindowTooLong):
        return

    assert window.valid_from == (valid_from or NOW)
    assert window.valid_until == (valid_until or NOW + LONGEST_WINDOW)
    assert window.valid_from < window.valid_until


@given(st.timedeltas(timedelta(), timedelta(days=10_000)))
def test_a_default_end_is_not_measured_against_a_start_in_the_past(age: timedelta) -> None:
    window = choose_window(NOW, NOW - age, None)

    assert window == Window(NOW - age, NOW + LONGEST_WINDOW)


@given(
    st.timedeltas(LONGEST_WINDOW + MICROSECOND, timedelta(days=10_000)),
    st.sampled_from([None, LATEST, EARLIEST]),
)
def test_a_start_more_than_180_days_ahead_is_refused_whatever_the_end(
    ahead: timedelta, valid_until: datetime | None
) -> None:
    with pytest.raises(StartsTooLate):
        choose_window(NOW, NOW + ahead, valid_until)


def test_a_start_180_days_ahead_leaves_no_room_for_the_default_end() -> None:
    with pytest.raises(WindowTooLong):
        choose_window(NOW, NOW + LONGEST_WINDOW, None)


def test_a_start_180_days_ahead_may_last_180_days_more() -> None:
    window = choose_window(NOW, NOW + LONGEST_WINDOW, NOW + 2 * LONGEST_WINDOW)

    assert window.valid_until - NOW == timedelta(days=360)


@given(
    st.timedeltas(MICROSECOND, timedelta(days=10_000)),
    st.sampled_from([None, EARLIEST, NOW - MICROSECOND]),
)
def test_an_end_in_the_past_is_refused_even_before_a_start_in_the_past(
    age: timedelta, valid_from: datetime | None
) -> None:
    with pytest.raises(EndsInThePast):
        choose_window(NOW, valid_from, NOW - age)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (timedelta(), LONGEST_WINDOW + MICROSECOND),
        (timedelta(days=3), timedelta(days=3)),
        (timedelta(days=3), timedelta(days=2)),
        (-timedelta(days=1), timedelta(days=180)),
        (timedelta(), timedelta(days=200)),
    ],
)
def test_an_end_at_the_start_or_too_far_from_it_is_refused(
    start: timedelta, end: timedelta
) -> None:
    with pytest.raises(WindowTooLong):
        choose_window(NOW, NOW + start, NOW + end)


def test_an_end_too_far_ahead_alone_is_refused() -> None:
    with pytest.raises(WindowTooLong):
        choose_window(NOW, None, LATEST)


def test_the_end_of_a_window_may_be_exactly_180_days_after_its_start() -> None:
    assert choose_window(NOW, None, NOW + LONGEST_WINDOW) == Window(NOW, NOW + LONGEST_WINDOW)


def test_a_change_without_dates_leaves_even_an_old_window_as_it_is() -> None:
    ended = Window(EARLIEST, EARLIEST + timedelta(days=400))

    assert change_window(ended, RoomChange(pstn_dial_out_enabled=True)) is ended


@given(lengths)
def test_one_date_alone_is_measured_against_the_stored_other(length: timedelta) -> None:
    later_end = change_window(STORED, RoomChange(valid_until=STORED.valid_from + length))
    earlier_start = change_window(STORED, RoomChange(valid_from=STORED.valid_until - length))

    assert later_end == Window(STORED.valid_from, STORED.valid_from + length)
    assert earlier_start == Window(STORED.valid_until - length, STORED.valid_until)


@pytest.mark.parametrize(
    "change",
    [
        RoomChange(valid_from=STORED.valid_until),
        RoomChange(valid_from=STORED.valid_until - LONGEST_WINDOW - MICROSECOND),
        RoomChange(valid_until=STORED.valid_from),
        RoomChange(valid_until=STORED.valid_from + LONGEST_WINDOW + MICROSECOND),
    ],
)
def test_one_date_that_makes_the_stored_window_wrong_is_refused(change: RoomChange) -> None:
    with pytest.raises(WindowTooLong):
        change_window(STORED, change)


@given(moments)
def test_a_single_date_is_checked_against_now_alone(moment: datetime) -> None:
    start_is_fine = moment <= NOW + LONGEST_WINDOW
    end_is_fine = moment >= NOW

    assert _passes(moment, None) is start_is_fine
    assert _passes(None, moment) is end_is_fine


def _passes(valid_from: datetime | None, valid_until: datetime | None) -> bool:
    try:
        check_window(NOW, valid_from, valid_until)
    except (EndsInThePast, StartsTooLate):
        return False
    return True


def test_a_change_is_empty_only_when_nothing_is_asked_for() -> None:
    assert RoomChange().is_empty
    assert not RoomChange(pstn_dial_out_enabled=False).is_empty
    assert not RoomChange(valid_from=NOW).is_empty


def test_a_new_room_has_nobody_on_its_roster_unless_said() -> None:
    assert NewRoom().participants == {}


# Rosters


def test_new_participants_are_appended_in_the_order_given() -> None:
    change = change_roster(
        invitations("a", "b"), {"d": Role.CONSUMER, "c": Role.PRESENTER}, limit=9
    )

    assert change.added == (Invitation("d", Role.CONSUMER, 2), Invitation("c", Role.PRESENTER, 3))


def test_a_new_room_has_its_roster_in_the_order_given() -> None:
    roster = invite({"b": Role.CONSUMER, "a": Role.PRESENTER}, limit=2)

    assert roster == (Invitation("b", Role.CONSUMER, 0), Invitation("a", Role.PRESENTER, 1))


def test_a_new_room_with_too_many_participants_is_refused() -> None:
    with pytest.raises(RosterFull, match="1"):
        invite({"a": Role.ATTENDEE, "b": Role.ATTENDEE}, limit=1)


def test_another_role_keeps_the_place() -> None:
    change = change_roster(invitations("a", "b"), {"a": Role.PRESENTER}, limit=9)

    assert change.changed == (Invitation("a", Role.PRESENTER, 0),)
    assert not change.added


def test_the_role_someone_has_already_is_no_change() -> None:
    assert change_roster(invitations("a"), {"a": Role.ATTENDEE}, limit=9).is_empty


def test_removing_someone_who_is_not_invited_is_no_change() -> None:
    assert change_roster(invitations("a"), {"b": None}, limit=9).is_empty


def test_someone_removed_is_told_apart_from_someone_added() -> None:
    change = change_roster(invitations("a", "b"), {"a": None, "c": Role.CONSUMER}, limit=2)

    assert change.removed == ("a",)
    assert [one.raw_id for one in change.added] == ["c"]
    assert not change.is_empty


def test_one_more_than_the_limit_is_refused() -> None:
    with pytest.raises(RosterFull, match="2"):
        change_roster(invitations("a", "b"), {"c": Role.ATTENDEE}, limit=2)


def test_a_roster_above_a_lowered_limit_may_be_changed_but_not_grow() -> None:
    roster = invitations("a", "b", "c")

    assert change_roster(roster, {"a": Role.CONSUMER, "b": None}, limit=1).removed == ("b",)
    with pytest.raises(RosterFull):
        change_roster(roster, {"a": None, "d": Role.ATTENDEE, "e": Role.ATTENDEE}, limit=1)


@given(st.lists(letters, unique=True), wish_lists)
def test_the_roster_after_a_change_is_what_was_wished(
    before: list[str], wishes: dict[str, Role | None]
) -> None:
    roster = invitations(*before)
    change = change_roster(roster, wishes, limit=100)

    written = {one.raw_id: one for one in (*roster, *change.changed, *change.added)}
    after = {raw_id: written[raw_id] for raw_id in written if raw_id not in change.removed}
    expected = dict.fromkeys(before, Role.ATTENDEE) | wishes
    assert {raw_id: one.role for raw_id, one in after.items()} == {
        raw_id: role for raw_id, role in expected.items() if role is not None
    }
    positions = [one.position for one in after.values()]
    assert len(set(positions)) == len(positions)


# Roles and ids


@given(roles, st.sampled_from([str.lower, str.upper, str.title, str.swapcase]))
def test_a_role_is_known_in_any_letter_case(role: Role, spell: Callable[[str], str]) -> None:
    assert parse_role(spell(role.value)) is role


@given(st.text())
def test_any_other_text_is_no_role(text: str) -> None:
    assert (parse_role(text) is None) is (text.lower() not in {role.lower() for role in Role})


@given(st.integers(min_value=10**14, max_value=10**18 - 1))
def test_digits_of_the_right_length_are_a_room_id(number: int) -> None:
    assert parse_room_id(str(number)) == number


@pytest.mark.parametrize("text", ["", "123", "invalid_id", "9" * 14, "9" * 19, "9" * 40])
def test_a_room_id_of_the_wrong_length_is_refused_for_its_length(text: str) -> None:
    with pytest.raises(InvalidRoomIdLength):
        parse_room_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "NotExistingRoomID",
        "non-existingroomId",
        "９" * 17,  # noqa: RUF001 - full-width digits, which `int` would take
        "٣" * 17,
        "+9949484443000000",
        " 9949484443000000",
        "9949484443000000\n",
        "9_949484443000000",
        "99494844430000.0",
    ],
)
def test_a_room_id_with_anything_but_ascii_digits_is_refused(text: str) -> None:
    with pytest.raises(InvalidRoomId):
        parse_room_id(text)


def test_a_leading_zero_never_names_another_room() -> None:
    with pytest.raises(RoomNotFound):
        parse_room_id("0" + "9949484443000000")


@given(st.text())
def test_any_text_is_a_room_id_or_refused(text: str) -> None:
    try:
        number = parse_room_id(text)
    except (InvalidRoomId, InvalidRoomIdLength, RoomNotFound):
        return

    assert str(number) == text


# Repeatable requests


@given(st.timedeltas(-REPEAT_TOLERANCE, REPEAT_TOLERANCE))
def test_a_repeatable_request_of_the_last_five_minutes_is_taken(age: timedelta) -> None:
    check_first_sent(NOW, NOW - age)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_repeatable_request_from_further_off_is_refused(sign: int) -> None:
    with pytest.raises(FirstSentTooFarOff):
        check_first_sent(NOW, NOW + sign * (REPEAT_TOLERANCE + MICROSECOND))
