"""Reading and changing what is set for a room, over HTTP, on both stores."""

import pytest
from tests.http.held import described, hold, operations_of
from tests.identity.house import House, Json
from tests.rooms.office import MALFORMED, Office, person

from openrooms.rooms.settings.description import description
from openrooms.rooms.settings.routes import SettingsRoutes
from openrooms.rooms.settings.service import Settings

pytestmark = pytest.mark.anyio

NOTHING: Json = {
    "atExpiry": None,
    "graceMinutes": None,
    "participantLimit": None,
    "permissions": {},
}


class Desk:
    """An app's server that sets something for its rooms."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.office = Office(house.backend("2025-03-13"))

    async def room(self, *people: str) -> str:
        made = await self.office.create(participants={one: {"role": "Attendee"} for one in people})
        return str(made["id"])

    async def read(self, room_id: str) -> Json:
        answer = await self.office.backend.send("GET", f"/openrooms/v1/rooms/{room_id}")
        return hold(answer, description(), "v1", name="RoomSettings_Get").json()

    async def change(self, room_id: str, sent: object) -> tuple[int, Json]:
        answer = await self.office.backend.send("PATCH", f"/openrooms/v1/rooms/{room_id}", sent)
        held = hold(answer, description(), "v1", name="RoomSettings_Update")
        return answer.status_code, held.json()

    async def refusal(self, room_id: str, sent: object) -> list[tuple[str, str]]:
        status, told = await self.change(room_id, sent)
        assert (status, told["error"]["message"]) == (400, MALFORMED)
        return [(one["target"], one["message"]) for one in told["error"]["details"]]


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


async def test_nothing_is_set_for_a_new_room(desk: Desk) -> None:
    room_id = await desk.room(person(1))

    assert await desk.read(room_id) == {"roomId": room_id, **NOTHING}


async def test_what_is_set_stays_and_what_is_left_out_too(desk: Desk) -> None:
    room_id = await desk.room()

    await desk.change(room_id, {"atExpiry": "end", "graceMinutes": 10})
    _, told = await desk.change(room_id, {"participantLimit": 4, "graceMinutes": None})

    assert told == await desk.read(room_id)
    assert told == {"roomId": room_id, **NOTHING, "atExpiry": "end", "participantLimit": 4}


async def test_permissions_are_merged_by_participant_and_capability(desk: Desk) -> None:
    room_id = await desk.room(person(1), person(2))
    given = {"shareScreen": True, "unmuteMic": False}

    await desk.change(room_id, {"permissions": {person(1): given, person(2): given}})
    _, told = await desk.change(
        room_id, {"permissions": {person(1): {"unmuteMic": None}, person(2): None}}
    )

    assert told["permissions"] == {person(1): {"shareScreen": True}}


async def test_another_role_by_the_rooms_api_keeps_the_permissions(desk: Desk) -> None:
    room_id = await desk.room(person(1))
    await desk.change(room_id, {"permissions": {person(1): {"shareScreen": True}}})

    await desk.office.invite(room_id, {"participants": {person(1): {"role": "Consumer"}}})

    assert (await desk.read(room_id))["permissions"] == {person(1): {"shareScreen": True}}


async def test_who_is_taken_off_the_roster_comes_back_without_permissions(desk: Desk) -> None:
    room_id = await desk.room(person(1))
    await desk.change(room_id, {"permissions": {person(1): {"shareScreen": True}}})

    await desk.office.invite(room_id, {"participants": {person(1): None}})
    await desk.office.invite(room_id, {"participants": {person(1): {"role": "Attendee"}}})

    assert (await desk.read(room_id))["permissions"] == {}


@pytest.mark.parametrize(
    ("sent", "target"),
    [
        ({"atExpiry": "sometimes"}, "$.atExpiry"),
        ({"graceMinutes": -1}, "$.graceMinutes"),
        ({"graceMinutes": 1441}, "$.graceMinutes"),
        ({"graceMinutes": True}, "$.graceMinutes"),
        ({"participantLimit": 0}, "$.participantLimit"),
        ({"participantLimit": 351}, "$.participantLimit"),
        ({"permissions": {person(1): {"shareScreen": "yes"}}}, "$.permissions[...][...]"),
        ({"permissions": {person(1): {"hangUpForEveryOne": True}}}, "$.permissions[...]"),
        ({"permissions": None}, "$.permissions"),
        ({"pstnDialOutEnabled": True}, "$"),
        ([], "$"),
    ],
)
async def test_what_cannot_be_set_is_refused_with_its_place(
    desk: Desk, sent: object, target: str
) -> None:
    room_id = await desk.room(person(1))

    assert [place for place, _ in await desk.refusal(room_id, sent)] == [target]
    assert await desk.read(room_id) == {"roomId": room_id, **NOTHING}


async def test_permissions_are_for_the_roster_alone_and_all_of_it_or_nothing(desk: Desk) -> None:
    room_id = await desk.room(person(1))

    told = await desk.refusal(
        room_id,
        {
            "participantLimit": 2,
            "permissions": {person(1): {"unmuteMic": False}, person(2): {"unmuteMic": False}},
        },
    )

    assert told == [(f"$.permissions.{person(2)}", "This user is not on the roster of the room.")]
    assert await desk.read(room_id) == {"roomId": room_id, **NOTHING}


async def test_to_take_away_what_a_stranger_has_not_changes_nothing(desk: Desk) -> None:
    room_id = await desk.room()

    status, told = await desk.change(room_id, {"permissions": {person(2): None}})

    assert (status, told) == (200, {"roomId": room_id, **NOTHING})
    assert desk.house.room_witness.settled == []


async def test_a_change_is_live(desk: Desk) -> None:
    room_id = await desk.room(person(1))

    await desk.change(room_id, {"permissions": {person(1): {"unmuteMic": False}}})

    assert desk.house.room_witness.settled == [int(room_id)]
    assert desk.house.room_witness.followed == [f"outcome of {room_id}"]


@pytest.mark.parametrize("room_id", ["99411111111111111", "1", "99411111111111x11"])
async def test_a_room_that_is_not_there_has_no_settings(desk: Desk, room_id: str) -> None:
    answer = await desk.office.backend.send("GET", f"/openrooms/v1/rooms/{room_id}")
    same = await desk.office.get(room_id)

    assert answer.json() == same.json()


async def test_a_deleted_room_has_no_settings(desk: Desk) -> None:
    room_id = await desk.room()
    await desk.office.delete(room_id)

    assert (await desk.change(room_id, {"participantLimit": 1}))[0] == 404


async def test_without_a_signature_nothing_is_told(desk: Desk) -> None:
    room_id = await desk.room()

    answer = await desk.house.client.get(f"/openrooms/v1/rooms/{room_id}")

    assert answer.status_code == 401


async def test_the_description_has_the_operations_that_there_are(house: House) -> None:
    api = SettingsRoutes(Settings(house.rooms)).api

    assert operations_of((api,)) == described(description())
