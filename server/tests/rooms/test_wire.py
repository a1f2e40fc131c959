"""The JSON of rooms: what is read from bodies and headers, what is written, what is refused."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.http.errors import MalformedBody
from openrooms.rooms.errors import (
    FirstSentTooFarOff,
    InvalidFirstSent,
    InvalidRepeatId,
    MalformedRequest,
    RepeatHeaderMissing,
    RoomError,
    RoomNotFound,
    Taken,
    WindowTooLong,
)
from openrooms.rooms.model import (
    Anchor,
    Answer,
    Invitation,
    NewRoom,
    Repeat,
    Role,
    Room,
    RoomChange,
    Window,
)
from openrooms.rooms.wire import (
    VERSIONS,
    read_anchor,
    read_new_room,
    read_position,
    read_refusal,
    read_repeat,
    read_room_change,
    read_roster_change,
    write_anchor,
    write_created,
    write_position,
    write_refusal,
    write_room,
    write_rooms,
    write_roster,
)

NOW = datetime(2026, 11, 22, 9, 30, 0, 123400, tzinfo=UTC)
ROOM = Room(
    99412345678901234,
    "5fa0c7bb-1111-4444-8888-0123456789ab",
    NOW,
    Window(NOW.replace(microsecond=0), NOW + timedelta(days=1)),
    pstn_dial_out_enabled=False,
)
SHOWN = {
    "id": "99412345678901234",
    "createdAt": "2026-11-22T09:30:00.1234+00:00",
    "validFrom": "2026-11-22T09:30:00+00:00",
    "validUntil": "2026-11-23T09:30:00.1234+00:00",
    "pstnDialOutEnabled": False,
}
ADA = "8:acs:5fa0c7bb-1111-4444-8888-0123456789ab_00000013-22e9-78c5-88f7-084822008c5e"
OLD, NEW = "2024-04-15", "2025-03-13"
REQUEST_ID = "5fa0c7bb-1111-1444-8888-0123456789ab"


def body(value: object) -> bytes:
    return json.dumps(value).encode()


def faults(body: bytes, version: str = NEW) -> list[tuple[str, str]]:
    """Targets and messages of what is wrong with a body that would create a room."""
    with pytest.raises(MalformedRequest) as caught:
        read_new_room(body, version)
    return [(fault.target, fault.message) for fault in caught.value.details]


# Creating


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"participants": {}},
        {"validFrom": None, "validUntil": None, "pstnDialOutEnabled": None, "participants": None},
        {"pstnDialOutEnabled": False, "somethingNew": {"of": "a later version"}},
    ],
)
def test_what_is_not_said_is_left_to_the_defaults(sent: dict[str, object]) -> None:
    assert read_new_room(body(sent), NEW) == NewRoom()


def test_all_that_is_said_of_a_new_room_is_read() -> None:
    sent = {
        "validFrom": "2026-11-22T09:30:00.1234000Z",
        "validUntil": "2026-11-22T12:30:00+02:00",
        "pstnDialOutEnabled": True,
        "participants": {ADA: {"role": "presenter"}, "b": {}, "c": {"role": None}, "d": None},
    }

    wish = read_new_room(body(sent), NEW)

    assert wish == NewRoom(
        NOW,
        datetime(2026, 11, 22, 10, 30, tzinfo=UTC),
        pstn_dial_out_enabled=True,
        participants={ADA: Role.PRESENTER, "b": Role.ATTENDEE, "c": Role.ATTENDEE},
    )


@pytest.mark.parametrize(
    ("sent", "target"),
    [
        ([], "$"),
        ("x", "$"),
        (1, "$"),
        (None, "$"),
        ({"validFrom": 1795343400}, "$.validFrom"),
        ({"validUntil": "2026-W01-1"}, "$.validUntil"),
        ({"validUntil": "0001-01-01T00:00:00+14:00"}, "$.validUntil"),
        ({"pstnDialOutEnabled": "true"}, "$.pstnDialOutEnabled"),
        ({"pstnDialOutEnabled": 1}, "$.pstnDialOutEnabled"),
        ({"pstnDialOutEnabled": []}, "$.pstnDialOutEnabled"),
        ({"participants": [ADA]}, "$.participants"),
        ({"participants": {ADA: True}}, f"$.participants.{ADA}"),
        ({"participants": {ADA: "Presenter"}}, f"$.participants.{ADA}"),
        ({"participants": {ADA: []}}, f"$.participants.{ADA}"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(sent: object, target: str) -> None:
    assert [found for found, _ in faults(body(sent))] == [target]


@pytest.mark.parametrize("role", ["Kafka", "", "Presenter ", 1, True, {}, [], ["Presenter"]])
def test_an_unknown_role_is_refused_as_the_hosted_service_does(role: object) -> None:
    sent = body({"participants": {ADA: {"role": role}}})

    target = f"$.participants.{ADA}.role"
    assert faults(sent) == [
        ("createRoomRequestDto", "The createRoomRequestDto field is required."),
        (
            target,
            (
                f"The JSON value could not be converted to RoleDto. Path: {target} | "
                f"LineNumber: 0 | BytePositionInLine: {len(sent) - 3}."
            ),
        ),
    ]


def test_the_place_of_an_unknown_role_is_its_line_and_its_end_in_it() -> None:
    lines = f'{{"participants": {{\n"{ADA}":\n  {{"role":\n    "Kafka"}}}}}}'

    message = faults(lines.encode())[1][1]

    assert message.endswith("LineNumber: 3 | BytePositionInLine: 11.")


def test_an_endless_identifier_is_not_sent_back_whole() -> None:
    sent = body({"participants": {"x" * 10_000: {"role": "Kafka"}}})

    assert len(faults(sent)[1][0]) < 300


def test_a_collaborator_is_known_from_its_version_on() -> None:
    sent = body({"participants": {ADA: {"role": "collaborator"}}})

    assert read_new_room(sent, NEW).participants == {ADA: Role.COLLABORATOR}
    assert faults(sent, OLD)


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5),
    st.sampled_from(["%s", '{"validFrom": %s}', '{"participants": {"a": {"role": %s}}}']),
)
def test_any_value_anywhere_is_read_or_refused(value: object, around: str) -> None:
    with suppress(MalformedBody, MalformedRequest):
        read_new_room((around % json.dumps(value)).encode(), NEW)


# What is unknown to the server takes another way through the reader, and changes nothing.
USUAL_ROLES = st.none() | st.sampled_from([*Role, "consumer", "Kafka", 1])
USUAL_ENTRIES: st.SearchStrategy[object] = (
    st.none() | st.fixed_dictionaries({}, optional={"role": USUAL_ROLES}) | st.just([])
)
USUAL_ROSTERS: st.SearchStrategy[object] = (
    st.none() | st.just([]) | st.dictionaries(st.sampled_from([ADA, "b"]), USUAL_ENTRIES)
)
USUAL_DATES = st.sampled_from([None, "2026-11-22T09:30:00.1234Z", "2026-11-22", 1])
USUAL = st.fixed_dictionaries(
    {},
    optional={
        "participants": USUAL_ROSTERS,
        "validFrom": USUAL_DATES,
        "validUntil": USUAL_DATES,
        "pstnDialOutEnabled": st.none() | st.booleans() | st.just("true"),
    },
)


@given(USUAL, st.sampled_from([OLD, NEW]))
@pytest.mark.parametrize("read", [read_new_room, read_roster_change])
def test_what_is_unknown_changes_nothing(
    read: Callable[[bytes, str], object], sent: dict[str, object], version: str
) -> None:
    more = sent | {"somethingNew": {"of": "a later version"}}

    assert _outcome(read, body(sent), version) == _outcome(read, body(more), version)


def _outcome(read: Callable[[bytes, str], object], sent: bytes, version: str) -> object:
    try:
        return read(sent, version)
    except MalformedRequest as refused:
        return refused.details


@pytest.mark.parametrize(
    "around",
    [
        '{"participants": {"a": {"of": %s}}}',
        '{"participants": {"a": {}}, "of": %s}',
        '{"participants": {%s: {}}}',
    ],
)
@pytest.mark.parametrize("value", ['"\\u0000"', "[" * 65 + "]" * 65, '"\ud800"'])
def test_what_no_body_may_hold_is_refused_anywhere(around: str, value: str) -> None:
    with pytest.raises(MalformedBody):
        read_new_room((around % value).encode(errors="surrogatepass"), NEW)


# Updating


@pytest.mark.parametrize(
    "sent", [{}, {"validFrom": None, "validUntil": None, "pstnDialOutEnabled": None}]
)
def test_null_leaves_a_room_as_it_is(sent: dict[str, object]) -> None:
    assert read_room_change(body(sent)).is_empty


def test_all_that_is_said_of_a_room_is_read() -> None:
    sent = {"validUntil": "2026-11-22T10:30:00Z", "pstnDialOutEnabled": False, "participants": {}}

    change = read_room_change(body(sent))

    assert change == RoomChange(
        valid_until=datetime(2026, 11, 22, 10, 30, tzinfo=UTC), pstn_dial_out_enabled=False
    )


@pytest.mark.parametrize("sent", [{}, {"participants": {}}, {"participants": None}])
def test_a_roster_change_that_names_nobody_is_none(sent: dict[str, object]) -> None:
    assert read_roster_change(body(sent), NEW) == {}


def test_null_removes_a_participant() -> None:
    sent = {"participants": {ADA: None, "b": {"role": "Consumer"}, "c": {}}}

    wishes = read_roster_change(body(sent), NEW)

    assert wishes == {ADA: None, "b": Role.CONSUMER, "c": Role.ATTENDEE}


def test_an_unknown_role_in_a_roster_change_names_that_request() -> None:
    with pytest.raises(MalformedRequest) as caught:
        read_roster_change(body({"participants": {ADA: {"role": "Kafka"}}}), NEW)

    assert caught.value.details[0].target == "updateParticipantsRequestDto"


# Repeatable requests


def test_a_request_without_the_headers_is_not_repeatable() -> None:
    assert read_repeat({}, NOW, digest=b"") is None


@pytest.mark.parametrize(
    "first_sent", ["Sun, 22 Nov 2026 09:29:43 GMT", "2026-11-22T09:29:43.5Z", "2026-11-22T09:29:43"]
)
def test_both_forms_of_date_are_read(first_sent: str) -> None:
    headers = {
        "repeatability-request-id": REQUEST_ID.upper(),
        "repeatability-first-sent": first_sent,
    }

    assert read_repeat(headers, NOW, digest=b"d") == Repeat(REQUEST_ID, b"d")


@pytest.mark.parametrize(
    ("request_id", "first_sent", "error"),
    [
        (REQUEST_ID, None, RepeatHeaderMissing),
        (None, "Sun, 22 Nov 2026 09:29:43 GMT", RepeatHeaderMissing),
        ("1", "Sun, 22 Nov 2026 09:29:43 GMT", InvalidRepeatId),
        (f"{REQUEST_ID}, {REQUEST_ID}", "Sun, 22 Nov 2026 09:29:43 GMT", InvalidRepeatId),
        (REQUEST_ID, "yesterday", InvalidFirstSent),
        (REQUEST_ID, "", InvalidFirstSent),
        (REQUEST_ID, "Sun, 22 Nov 2026 09:24:59 GMT", FirstSentTooFarOff),
        (REQUEST_ID, "Sun, 22 Nov 2026 09:35:01 GMT", FirstSentTooFarOff),
        (REQUEST_ID, "9999-12-31T23:59:59Z", FirstSentTooFarOff),
    ],
)
def test_headers_that_make_no_repeatable_request_are_refused(
    request_id: str | None, first_sent: str | None, error: type[RoomError]
) -> None:
    sent = {"repeatability-request-id": request_id, "repeatability-first-sent": first_sent}
    headers = {name: value for name, value in sent.items() if value is not None}

    with pytest.raises(error):
        read_repeat(headers, NOW, digest=b"")


# Writing


def test_a_room_is_shown_with_all_its_fields() -> None:
    assert json.loads(write_room(ROOM)) == SHOWN


def test_a_new_room_is_located_by_its_bare_id() -> None:
    assert write_created(ROOM) == Answer(201, write_room(ROOM), "99412345678901234")


def test_only_a_page_that_goes_on_has_a_link() -> None:
    assert json.loads(write_rooms((ROOM,), None)) == {"value": [SHOWN]}
    assert json.loads(write_rooms((), "https://x/")) == {"value": [], "nextLink": "https://x/"}


def test_a_roster_is_shown_in_its_order_with_roles_as_they_are_spelled() -> None:
    roster = (Invitation("b", Role.COLLABORATOR, 3), Invitation(ADA, Role.PRESENTER, 4))

    assert json.loads(write_roster(roster, None)) == {
        "value": [{"rawId": "b", "role": "Collaborator"}, {"rawId": ADA, "role": "Presenter"}]
    }


def test_a_part_of_a_roster_is_shown_with_the_link_to_the_next() -> None:
    assert json.loads(write_roster((), "https://x"))["nextLink"] == "https://x"


def test_a_place_in_a_roster_is_read_as_it_was_written() -> None:
    assert read_position(write_position(29)) == 29


@pytest.mark.parametrize(
    "error", [WindowTooLong(180), RoomNotFound(), MalformedBody("The body is not valid JSON.")]
)
def test_a_refusal_that_was_kept_is_raised_in_the_same_words(
    error: RoomError | MalformedBody,
) -> None:
    kept = write_refusal(error)

    assert kept is not None
    again = read_refusal(kept)
    assert kept.is_refusal
    assert (again.status, again.code, again.message) == (error.status, error.code, error.message)
    assert write_refusal(again) == kept


def test_what_another_try_may_not_meet_is_not_kept() -> None:
    assert write_refusal(Taken()) is None


@given(st.datetimes(timezones=st.just(UTC)), st.integers(10**14, 10**18))
def test_a_place_in_a_list_is_read_as_it_was_written(created_at: datetime, room_id: int) -> None:
    anchor = Anchor(created_at, room_id)

    assert read_anchor(write_anchor(anchor)) == anchor


def test_previews_are_served_under_their_own_names() -> None:
    asked = ["2023-03-31-Preview", "2023-10-30-preview", "ApiVersion.V2025_02_28_PREVIEW"]

    chosen = [VERSIONS.choose([version]) for version in asked]

    assert chosen == ["2023-03-31-preview", "2023-10-30-preview", "2025-02-28-preview"]
