"""The operations on rosters, over HTTP, alone and at the same moment."""

import anyio
import httpx2
import pytest
from tests.identity.house import House, Json
from tests.rooms.office import Office, details, flat, person

from openrooms.kernel.identifiers import CommunicationUser
from openrooms.rooms.model import Role
from openrooms.storage.database import Connection

pytestmark = pytest.mark.anyio

NO_USER = (400, "Invalid value for the Participants.")


def wish(**roles: Json) -> Json:
    """A roster change: `p3="Consumer"`, or None to remove."""
    return {
        "participants": {
            person(int(name[1:])): role and {"role": role} for name, role in roles.items()
        }
    }


async def room_with(office: Office, count: int) -> str:
    roster: Json = {person(number): {"role": "Attendee"} for number in range(1, count + 1)}
    room_id: str = (await office.create(participants=roster))["id"]
    return room_id


async def test_a_room_without_roster_has_an_empty_one(office: Office) -> None:
    answer = await office.participants(await room_with(office, 0))

    assert answer.status_code == 200
    assert answer.json() == {"value": []}


async def test_one_change_adds_alters_and_removes(house: House, office: Office) -> None:
    room_id = await room_with(office, 3)

    answer = await office.invite(room_id, wish(p3="PRESENTER", p1=None, p5="Consumer", p4=None))

    assert answer.status_code == 200
    assert answer.json() == {}
    assert await office.roster(room_id) == [
        (person(2), "Attendee"),
        (person(3), "Presenter"),
        (person(5), "Consumer"),
    ]
    assert house.room_witness.settled == [int(room_id)]
    assert house.room_witness.followed == [f"outcome of {room_id}"]


async def test_someone_added_again_comes_last(office: Office) -> None:
    room_id = await room_with(office, 2)

    await office.invite(room_id, wish(p1=None))
    await office.invite(room_id, wish(p1="Attendee"))

    assert await office.roster(room_id) == [(person(2), "Attendee"), (person(1), "Attendee")]


@pytest.mark.parametrize("value", [{}, {"role": None}])
async def test_no_role_means_attendee_for_those_who_have_one_too(
    office: Office, value: object
) -> None:
    room_id = await room_with(office, 1)
    await office.invite(room_id, wish(p1="Presenter"))

    await office.invite(room_id, {"participants": {person(1): value, person(2): value}})

    assert await office.roster(room_id) == [(person(1), "Attendee"), (person(2), "Attendee")]


@pytest.mark.parametrize("sent", [{}, {"participants": {}}, {"participants": None}, wish(p9=None)])
async def test_a_change_that_changes_nothing_is_none(
    house: House, office: Office, sent: object
) -> None:
    room_id = await room_with(office, 2)
    before = await office.roster(room_id)

    answer = await office.invite(room_id, sent)

    assert (answer.status_code, answer.json()) == (200, {})
    assert await office.roster(room_id) == before
    assert house.room_witness.settled == []


@pytest.mark.parametrize(
    "raw_id",
    [
        "wrong_mri",
        "4:+15551234567",
        person(2) + "\n",
        person(2) + "\u200b",
        "8:acs:",
        "x" * 10_000,
    ],
)
@pytest.mark.parametrize("value", [None, {"role": "Attendee"}])
async def test_one_wrong_id_refuses_the_whole_change(
    office: Office, raw_id: str, value: object
) -> None:
    room_id = await room_with(office, 1)

    answer = await office.invite(
        room_id, {"participants": {person(1): None, person(2): {}, raw_id: value}}
    )

    assert flat(answer) == NO_USER
    assert await office.roster(room_id) == [(person(1), "Attendee")]


async def test_an_unknown_role_names_the_place(office: Office) -> None:
    room_id = await room_with(office, 1)

    answer = await office.invite(room_id, wish(p2="Kafka"))

    target = f"$.participants.{person(2)}.role"
    assert details(answer) == [
        ("updateParticipantsRequestDto", "The updateParticipantsRequestDto field is required."),
        (
            target,
            (
                f"The JSON value could not be converted to RoleDto. Path: {target} | "
                "LineNumber: 0 | BytePositionInLine: 117."
            ),
        ),
    ]


async def test_ids_that_differ_in_letter_case_are_two(office: Office) -> None:
    room_id = await room_with(office, 0)
    upper, lower = person(0xABC).replace("abc", "ABC"), person(0xABC)

    await office.invite(room_id, {"participants": {upper: {}, lower: {"role": "Presenter"}}})

    assert await office.roster(room_id) == [(upper, "Attendee"), (lower, "Presenter")]


async def test_users_of_other_resources_and_clouds_may_be_invited(office: Office) -> None:
    raw_id = person(1).replace("8:acs:", "8:gcch-acs:")

    room = await office.create(participants={raw_id: {"role": "Consumer"}})

    assert await office.roster(room["id"]) == [(raw_id, "Consumer")]


async def test_a_full_roster_takes_nobody_more_but_may_change(office: Office) -> None:
    room_id = await room_with(office, 350)

    one_more = await office.invite(room_id, wish(p351="Attendee"))
    another = await office.invite(room_id, wish(p351="Attendee", p1=None))

    assert flat(one_more) == (400, "A room can have at most 350 participants.")
    assert another.status_code == 200
    assert len(await office.roster(room_id)) == 350


# At the same moment


async def test_fifty_at_once_are_all_added(office: Office) -> None:
    room_id = await room_with(office, 0)

    async with anyio.create_task_group() as tasks:
        for number in range(50):
            tasks.start_soon(office.invite, room_id, wish(**{f"p{number}": "Attendee"}))

    roster = await office.roster(room_id)
    assert sorted(raw_id for raw_id, _ in roster) == sorted(map(person, range(50)))


async def test_of_two_for_the_last_place_one_gets_it(office: Office) -> None:
    room_id = await room_with(office, 349)
    answers: list[httpx2.Response] = []

    async def invite(name: str) -> None:
        answers.append(await office.invite(room_id, wish(**{name: "Attendee"})))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(invite, "p350")
        tasks.start_soon(invite, "p351")

    assert sorted(answer.status_code for answer in answers) == [200, 400]
    assert len(await office.roster(room_id)) == 350


async def test_a_room_deleted_meanwhile_does_not_come_back(house: House, office: Office) -> None:
    room_id = await room_with(office, 1)

    async with anyio.create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(office.invite, room_id, wish(**{f"p{number}": "Presenter"}))
        tasks.start_soon(office.delete, room_id)
        for number in range(20):
            tasks.start_soon(office.update, room_id, {"pstnDialOutEnabled": bool(number % 2)})

    assert (await office.get(room_id)).status_code == 404
    assert await house.count("invitation") == 0


# What calls ask inside their transactions


async def test_a_transaction_finds_room_and_role(house: House, office: Office) -> None:
    room_id = int(await room_with(office, 1))
    rooms, resource_id = house.rooms, house.resource_id

    def ask(connection: Connection) -> list[object]:
        rooms.lock(connection, room_id)
        found = rooms.find(connection, room_id, resource_id)
        return [
            found and found.id,
            rooms.find(connection, room_id, "another"),
            rooms.find(connection, room_id + 1, resource_id),
            rooms.role_of(connection, room_id, person(1)),
            rooms.role_of(connection, room_id, person(2)),
        ]

    assert await house.database.write(ask) == [room_id, None, None, Role.ATTENDEE, None]


def test_a_person_of_these_tests_is_a_user() -> None:
    assert CommunicationUser(person(1)[6:42], person(1)[43:]).raw_id == person(1)
