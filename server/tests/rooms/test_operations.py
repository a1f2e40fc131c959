"""The operations on one room, over HTTP: create, get, update, delete."""

import re
from datetime import datetime, timedelta

import pytest
from tests.identity.house import START, STRANGERS, House, Json
from tests.rooms.office import Office, details, flat, person

from openrooms.rooms.model import NewRoom
from openrooms.rooms.wire import write_created

pytestmark = pytest.mark.anyio

VERSIONS = ["2023-06-14", "2024-04-15", "2025-03-13"]
PREVIEWS = ["2023-03-31-preview", "2023-10-30-preview", "2025-02-28-preview"]
UNKNOWN = "9949484443000000"
NOT_FOUND = (404, "The server cannot find the requested resource.")
ENDS_IN_THE_PAST = [("ValidUntil", "The time range end is in the past.")]
TOO_LONG = [("ValidUntil", "The time range is incorrect, or larger than 180 days.")]
STARTS_TOO_LATE = [("ValidFrom", "Value is incorrect or more than 180 days in the future.")]


def ahead(**by: float) -> str:
    return (START + timedelta(**by)).isoformat()


async def foreign_room(house: House) -> str:
    """A room of another tenant."""
    made = await house.rooms.create(STRANGERS, NewRoom(), repeat=None, answer=write_created)
    return made.location


# Create


@pytest.mark.parametrize("version", VERSIONS + PREVIEWS)
async def test_a_room_is_made_from_an_empty_request(house: House, version: str) -> None:
    answer = await house.backend(version).send("POST", "/rooms", {})

    room = answer.json()
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["location"] == room["id"]
    assert answer.headers["repeatability-result"] == "accepted"
    assert re.fullmatch("994[0-9]{14}", room.pop("id"))
    assert room == {
        "createdAt": "2026-11-22T09:30:00.123456+00:00",
        "validFrom": "2026-11-22T09:30:00.123456+00:00",
        "validUntil": "2027-05-21T09:30:00.123456+00:00",
        "pstnDialOutEnabled": False,
    }


async def test_a_room_is_made_as_it_was_asked_for(office: Office) -> None:
    room = await office.create(
        validFrom="2026-11-23T10:00:00.5000000Z",
        validUntil="2026-11-24T12:00:00+02:00",
        pstnDialOutEnabled=True,
        participants={person(2): {"role": "presenter"}, person(1): {}, person(3): None},
    )

    assert room["validFrom"] == "2026-11-23T10:00:00.5+00:00"
    assert room["validUntil"] == "2026-11-24T10:00:00+00:00"
    assert room["pstnDialOutEnabled"] is True
    assert await office.roster(room["id"]) == [(person(2), "Presenter"), (person(1), "Attendee")]


async def test_a_default_end_counts_from_the_request(office: Office) -> None:
    room = await office.create(validFrom=ahead(seconds=-21))

    assert datetime.fromisoformat(room["validUntil"]) == START + timedelta(days=180)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"validUntil": ahead(seconds=-1)}, ENDS_IN_THE_PAST),
        ({"validFrom": ahead(days=-1), "validUntil": ahead(days=-2)}, ENDS_IN_THE_PAST),
        ({"validUntil": "0001-01-01T00:00:00Z"}, ENDS_IN_THE_PAST),
        ({"validFrom": ahead(days=1), "validUntil": ahead(days=201)}, TOO_LONG),
        ({"validFrom": ahead(days=1), "validUntil": ahead(days=1)}, TOO_LONG),
        ({"validFrom": ahead(days=2), "validUntil": ahead(days=1)}, TOO_LONG),
        ({"validUntil": ahead(days=180, seconds=1)}, TOO_LONG),
        ({"validUntil": "9999-12-31T23:59:59Z"}, TOO_LONG),
        ({"validFrom": ahead(days=181)}, STARTS_TOO_LATE),
        ({"validFrom": ahead(days=181), "validUntil": ahead(days=182)}, STARTS_TOO_LATE),
        ({"validFrom": "9999-12-31T23:59:59Z"}, STARTS_TOO_LATE),
    ],
)
async def test_a_window_that_breaks_a_rule_is_refused(
    office: Office, house: House, sent: object, expected: list[tuple[str, str]]
) -> None:
    answer = await office.ask_to_create(sent)

    assert details(answer) == expected
    assert "api-supported-versions" not in answer.headers
    assert await house.count("room") == 0


@pytest.mark.parametrize("raw_id", ["wrong_mri", "acs:8-invalidMRI", "4:+15551234567"])
async def test_a_room_is_not_made_for_someone_who_is_no_user(
    office: Office, house: House, raw_id: str
) -> None:
    sent = {"participants": {person(1): {}, raw_id: {"role": "Attendee"}}}

    answer = await office.ask_to_create(sent)

    assert flat(answer) == (400, "Invalid format for communication identifier.")
    assert await house.count("room") == 0


async def test_an_unknown_role_is_refused(office: Office) -> None:
    answer = await office.ask_to_create({"participants": {person(1): {"role": "Kafka"}}})

    assert [target for target, _ in details(answer)] == [
        "createRoomRequestDto",
        f"$.participants.{person(1)}.role",
    ]


@pytest.mark.parametrize("version", ["2023-06-14", "2024-04-15", "2023-10-30-preview"])
async def test_an_old_version_knows_no_collaborator_but_shows_one(
    house: House, office: Office, version: str
) -> None:
    sent = {"participants": {person(1): {"role": "Collaborator"}}}
    room_id = (await office.create(**sent))["id"]
    old = Office(house.backend(version))

    refused = await old.ask_to_create(sent)

    assert len(details(refused)) == 2
    assert await old.roster(room_id) == [(person(1), "Collaborator")]


async def test_a_room_has_at_most_350_participants(office: Office, house: House) -> None:
    everyone: dict[str, Json] = {person(number): {} for number in range(351)}

    answer = await office.ask_to_create({"participants": everyone})

    assert flat(answer) == (400, "A room can have at most 350 participants.")
    assert await house.count("invitation") == 0


@pytest.mark.parametrize("sent", [b"", b"null", b"[]", b"{", b'{"validFrom": 1}', b'{"x": NaN}'])
async def test_a_body_that_is_no_such_request_is_refused(
    office: Office, house: House, sent: bytes
) -> None:
    answer = await office.backend.send(
        "POST", "/rooms", sent, headers={"Content-Type": "application/json"}
    )

    assert len(details(answer)) == 1
    assert await house.count("room") == 0


async def test_an_id_that_is_taken_is_never_given_twice(house: House) -> None:
    ids = iter([99400000000000001, 99400000000000001, 99400000000000002])
    house.rooms._new_id = lambda: next(ids)
    office = Office(house.backend("2025-03-13"))

    made = [(await office.create())["id"] for _ in range(2)]

    assert made == ["99400000000000001", "99400000000000002"]


async def test_when_every_id_is_taken_the_caller_may_try_again(house: House) -> None:
    house.rooms._new_id = lambda: 99400000000000001
    office = Office(house.backend("2025-03-13"))
    await office.create()

    answer = await office.ask_to_create({})

    assert answer.status_code == 503


# Get


async def test_a_room_is_shown_as_it_was_made(office: Office) -> None:
    room = await office.create(validUntil=ahead(days=3))

    answer = await office.get(room["id"])

    assert answer.status_code == 200
    assert answer.json() == room


@pytest.mark.parametrize(
    ("method", "rest", "sent"),
    [
        ("GET", "", None),
        ("PATCH", "", b"{}"),
        ("DELETE", "", None),
        ("GET", "/participants", None),
        ("PATCH", "/participants", b"{}"),
    ],
)
@pytest.mark.parametrize(
    ("room_id", "expected"),
    [
        ("123", (400, "Invalid room ID length.")),
        ("invalid_id", (400, "Invalid room ID length.")),
        ("9" * 40, (400, "Invalid room ID length.")),
        ("NotExistingRoomID", (400, "Invalid room ID.")),
        ("%EF%BC%99" * 17, (400, "Invalid room ID.")),
        ("9949484443000000%00", (400, "Invalid room ID.")),
        (UNKNOWN, NOT_FOUND),
        ("78469124725336262", NOT_FOUND),
        ("0" + UNKNOWN, NOT_FOUND),
    ],
)
async def test_what_names_no_room_is_refused_in_every_operation(
    office: Office,
    method: str,
    rest: str,
    sent: bytes | None,
    room_id: str,
    expected: tuple[int, str],
) -> None:
    answer = await office.backend.send(method, f"/rooms/{room_id}{rest}", sent)

    assert flat(answer) == expected


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_another_tenants_room_is_as_unknown_as_any(
    house: House, office: Office, method: str
) -> None:
    room_id = await foreign_room(house)
    sent = {"pstnDialOutEnabled": True} if method == "PATCH" else None

    foreign = await office.backend.send(method, f"/rooms/{room_id}", sent)
    unknown = await office.backend.send(method, f"/rooms/{UNKNOWN}", sent)

    assert (foreign.status_code, foreign.content) == (unknown.status_code, unknown.content)
    assert flat(foreign) == NOT_FOUND


async def test_an_expired_room_is_still_shown_and_can_be_opened_again(
    house: House, office: Office
) -> None:
    room_id = (await office.create(validUntil=ahead(days=1)))["id"]
    house.clock.advance(days=2)

    shown = await office.get(room_id)
    revived = await office.update(room_id, {"validUntil": ahead(days=3)})

    assert shown.status_code == 200
    assert revived.json()["validUntil"] == "2026-11-25T09:30:00.123456+00:00"


# Update


@pytest.mark.parametrize(
    "sent", [{}, {"validFrom": None, "validUntil": None, "pstnDialOutEnabled": None}]
)
async def test_null_changes_nothing(house: House, office: Office, sent: object) -> None:
    room = await office.create(pstnDialOutEnabled=True, validUntil=ahead(days=3))

    answer = await office.update(room["id"], sent)

    assert answer.status_code == 200
    assert answer.json() == room
    assert house.room_witness.settled == []


async def test_what_is_given_is_changed_and_the_rest_stays(house: House, office: Office) -> None:
    room = await office.create(validUntil=ahead(days=3))
    number = int(room["id"])

    answer = await office.update(
        room["id"], {"validUntil": ahead(days=4), "pstnDialOutEnabled": True, "participants": {}}
    )

    changed = room | {
        "validUntil": "2026-11-26T09:30:00.123456+00:00",
        "pstnDialOutEnabled": True,
    }
    assert answer.json() == changed
    assert (await office.get(room["id"])).json() == changed
    assert house.room_witness.settled == [number]
    assert house.room_witness.followed == [f"outcome of {number}"]


async def test_the_roster_is_not_changed_with_the_room(office: Office) -> None:
    room_id = (await office.create(participants={person(1): {}}))["id"]

    await office.update(room_id, {"participants": {person(2): {}, person(1): None}})

    assert await office.roster(room_id) == [(person(1), "Attendee")]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"validUntil": ahead(seconds=-1)}, ENDS_IN_THE_PAST),
        ({"validFrom": ahead(days=-5), "validUntil": ahead(days=-6)}, ENDS_IN_THE_PAST),
        ({"validFrom": ahead(), "validUntil": ahead(days=200)}, TOO_LONG),
        ({"validUntil": ahead(days=181)}, TOO_LONG),
        ({"validFrom": ahead(days=3)}, TOO_LONG),
        ({"validFrom": ahead(days=-178)}, TOO_LONG),
        ({"validFrom": ahead(days=181)}, STARTS_TOO_LATE),
    ],
)
async def test_a_change_that_breaks_the_window_is_refused(
    house: House, office: Office, sent: object, expected: list[tuple[str, str]]
) -> None:
    room = await office.create(validFrom=ahead(), validUntil=ahead(days=3))

    answer = await office.update(room["id"], sent)

    assert details(answer) == expected
    assert (await office.get(room["id"])).json() == room
    assert house.room_witness.settled == []


async def test_a_bad_window_is_told_before_a_bad_id(office: Office) -> None:
    answer = await office.update("123", {"validUntil": ahead(days=-1)})

    assert details(answer) == ENDS_IN_THE_PAST


async def test_plain_json_is_taken_for_a_patch(office: Office) -> None:
    room = await office.create()

    answer = await office.backend.send(
        "PATCH", f"/rooms/{room['id']}", {}, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 200


# Delete


async def test_a_deleted_room_is_gone_with_its_roster(house: House, office: Office) -> None:
    room_id = (await office.create(participants={person(1): {}}))["id"]

    answer = await office.delete(room_id)

    assert answer.status_code == 204
    assert not answer.content
    assert flat(await office.get(room_id)) == NOT_FOUND
    assert flat(await office.update(room_id, {"pstnDialOutEnabled": True})) == NOT_FOUND
    assert flat(await office.participants(room_id)) == NOT_FOUND
    assert flat(await office.invite(room_id, {"participants": {person(1): {}}})) == NOT_FOUND
    assert (await office.page())["value"] == []
    assert await house.count("invitation") == 0
    assert house.room_witness.settled == [int(room_id)]
    assert house.room_witness.followed == [f"outcome of {room_id}"]


async def test_a_room_can_be_deleted_twice(house: House, office: Office) -> None:
    room_id = (await office.create())["id"]
    await office.delete(room_id)

    answer = await office.delete(room_id)

    assert answer.status_code == 204
    assert house.room_witness.settled == [int(room_id)]
