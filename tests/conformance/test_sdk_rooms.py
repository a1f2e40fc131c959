"""Every official SDK, unchanged, manages rooms over TLS, and tells its refusals as the services would."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.sdk_calls import refused
from support.sdks import Driver, Refusal, able
from support.signed import Ask, Caller

MALFORMED = "The request could not be understood by the server due to malformed syntax."
NOT_FOUND = "The server cannot find the requested resource."
MANY = 61


@pytest.fixture(scope="module")
def many(caller: Caller, no_rooms: None) -> Iterator[list[str]]:
    """Rooms for three pages and more, the newest first."""
    json = {"Content-Type": "application/json"}
    create = Ask("POST", "/rooms?api-version=2025-03-13", b"{}", json)
    made = [str(caller.call(create).json["id"]) for _ in range(MANY)]
    yield made[::-1]
    for room in made:
        caller.call(Ask("DELETE", f"/rooms/{room}?api-version=2025-03-13"))


def _in(days: float) -> str:
    """A moment so many days from now, as precise as every SDK can tell it."""
    moment = datetime.now(UTC) + timedelta(days=days)
    return moment.isoformat(timespec="milliseconds")


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _told(refusal: Refusal) -> tuple[int, str | None, str | None]:
    return refusal.status, refusal.code, refusal.message


def test_a_room_made_of_nothing_is_open_for_180_days(sdk: Driver) -> None:
    room = sdk.call("createRoom")

    assert room["id"].isdigit()
    assert abs(datetime.now(UTC) - _at(room["createdAt"])) < timedelta(seconds=30)
    assert abs(datetime.now(UTC) - _at(room["validFrom"])) < timedelta(seconds=30)
    lasts = _at(room["validUntil"]) - _at(room["validFrom"])
    assert abs(lasts - timedelta(days=180)) < timedelta(seconds=1)


def test_a_room_keeps_the_window_it_was_given(sdk: Driver) -> None:
    start, end = _in(0.1), _in(30)

    made = sdk.call("createRoom", validFrom=start, validUntil=end)
    read = sdk.call("getRoom", roomId=made["id"])

    assert (_at(read["validFrom"]), _at(read["validUntil"])) == (_at(start), _at(end))
    assert read == made


def test_a_window_can_be_changed(sdk: Driver) -> None:
    room = sdk.call("createRoom")
    start, end = _in(1), _in(2)

    changed = sdk.call("updateRoom", roomId=room["id"], validFrom=start, validUntil=end)

    assert (_at(changed["validFrom"]), _at(changed["validUntil"])) == (_at(start), _at(end))
    assert sdk.call("getRoom", roomId=room["id"]) == changed


@pytest.mark.parametrize("sdk", able("dial-out"), indirect=True)
def test_dialling_out_stays_as_it_was_set(sdk: Driver) -> None:
    room = sdk.call("createRoom", pstnDialOutEnabled=True)
    changed = sdk.call("updateRoom", roomId=room["id"], validFrom=_in(1), validUntil=_in(2))
    barred = sdk.call("updateRoom", roomId=room["id"], pstnDialOutEnabled=False)

    said = [one["pstnDialOutEnabled"] for one in (room, changed, barred)]
    assert said == [True, True, False]
    assert sdk.call("createRoom")["pstnDialOutEnabled"] is False


@pytest.mark.parametrize("sdk", able("one date"), indirect=True)
def test_a_change_leaves_alone_what_it_does_not_name(sdk: Driver) -> None:
    room = sdk.call("createRoom", validFrom=_in(1), validUntil=_in(2))
    end = _in(3)

    changed = sdk.call("updateRoom", roomId=room["id"], validUntil=end)
    same = sdk.call("updateRoom", roomId=room["id"])

    assert changed == room | {"validUntil": changed["validUntil"]}
    assert _at(changed["validUntil"]) == _at(end)
    assert same == changed


def test_a_deleted_room_is_gone_and_may_be_deleted_again(sdk: Driver) -> None:
    room = sdk.call("createRoom")["id"]

    sdk.call("deleteRoom", roomId=room)
    sdk.call("deleteRoom", roomId=room)

    gone = refused(sdk, "getRoom", roomId=room)
    assert _told(gone) == (404, "NotFound", NOT_FOUND)
    assert gone.kind in {
        "ResourceNotFoundError",
        "RestError",
        "CommunicationErrorResponseException",
    }
    change = refused(sdk, "updateRoom", roomId=room, validFrom=_in(1), validUntil=_in(2))
    assert _told(change) == (404, "NotFound", NOT_FOUND)


def test_a_list_goes_through_all_pages_newest_first(sdk: Driver, many: list[str]) -> None:
    pages = sdk.call("listRooms")

    listed = [room for page in pages for room in page]
    assert [len(page) for page in pages[:-1]] == [30] * (len(pages) - 1)
    assert [room for room in listed if room in many] == many
    assert len(set(listed)) == len(listed)


@pytest.mark.parametrize(
    ("room", "told"),
    [
        ("123", (400, "BadRequest", "Invalid room ID length.")),
        ("invalid_id", (400, "BadRequest", "Invalid room ID length.")),
        ("NotExistingRoomID", (400, "BadRequest", "Invalid room ID.")),
        ("non-existingroomId", (400, "BadRequest", "Invalid room ID.")),
        ("78469124725336262", (404, "NotFound", NOT_FOUND)),
    ],
)
def test_an_id_that_names_no_room_is_refused_in_the_services_words(
    sdk: Driver, room: str, told: tuple[int, str, str]
) -> None:
    window = {"validFrom": _in(1), "validUntil": _in(2)}
    refusals = [
        refused(sdk, "getRoom", roomId=room),
        refused(sdk, "updateRoom", roomId=room, **window),
        refused(sdk, "deleteRoom", roomId=room),
        refused(sdk, "listParticipants", roomId=room),
        refused(sdk, "addOrUpdateParticipants", roomId=room, participants=[]),
    ]

    assert [_told(one) for one in refusals] == [told] * 5


@pytest.mark.parametrize(
    ("start", "end", "message", "target"),
    [
        (0.1, 210, "The time range is incorrect, or larger than 180 days.", "ValidUntil"),
        (2, 1, "The time range is incorrect, or larger than 180 days.", "ValidUntil"),
        (-20, -10, "The time range end is in the past.", "ValidUntil"),
        (-10, -20, "The time range end is in the past.", "ValidUntil"),
        (210, 220, "Value is incorrect or more than 180 days in the future.", "ValidFrom"),
    ],
)
def test_a_window_out_of_bounds_is_refused_in_the_services_words(
    sdk: Driver, start: float, end: float, message: str, target: str
) -> None:
    room = sdk.call("createRoom")
    window: dict[str, Any] = {"validFrom": _in(start), "validUntil": _in(end)}

    create = refused(sdk, "createRoom", **window)
    change = refused(sdk, "updateRoom", roomId=room["id"], **window)

    assert _told(create) == _told(change) == (400, "BadRequest", MALFORMED)
    assert create.details == change.details == [["BadArgument", message, target]]
    assert sdk.call("getRoom", roomId=room["id"]) == room


def test_a_start_alone_or_an_end_alone_is_judged(sdk: Driver) -> None:
    late = refused(sdk, "createRoom", validFrom=_in(210))
    long = refused(sdk, "createRoom", validUntil=_in(210))
    past = refused(sdk, "createRoom", validUntil=_in(-1))

    texts = [[one[1:] for one in refusal.details] for refusal in (late, long, past)]
    assert texts == [
        [["Value is incorrect or more than 180 days in the future.", "ValidFrom"]],
        [["The time range is incorrect, or larger than 180 days.", "ValidUntil"]],
        [["The time range end is in the past.", "ValidUntil"]],
    ]
