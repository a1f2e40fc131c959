"""The life of a room: open, over, opened again, gone; over HTTP."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.identity.house import HTTPS, START, House, Json, open_house
from tests.rooms.office import Office, details, flat, person

from openrooms.rooms.model import Limits
from openrooms.storage.database import Connection

pytestmark = pytest.mark.anyio

GRACE = timedelta(days=30)
NOT_FOUND = (404, "The server cannot find the requested resource.")
SECOND = timedelta(seconds=1)


def ahead(**by: float) -> str:
    return (START + timedelta(**by)).isoformat()


async def short_room(office: Office, people: int = 2) -> Json:
    """A room that ends in an hour."""
    roster: Json = {person(number): {} for number in range(people)}
    return await office.create(validUntil=ahead(hours=1), participants=roster)


async def sweep(house: House) -> int:
    """Sweep until nothing is left; the number of steps it took."""
    steps = 1
    while await house.rooms.sweep():
        steps += 1
    return steps


async def test_a_room_that_is_over_is_answered_and_not_listed(house: House, office: Office) -> None:
    room = await short_room(office)

    house.clock.advance(hours=1)
    await sweep(house)

    assert (await office.get(room["id"])).json() == room
    assert len(await office.roster(room["id"])) == 2
    assert (await office.page())["value"] == []


async def test_a_roster_can_be_changed_after_the_end(house: House, office: Office) -> None:
    room = await short_room(office)
    house.clock.advance(hours=2)

    answer = await office.invite(room["id"], {"participants": {person(9): {}, person(0): None}})

    assert answer.status_code == 200
    assert [raw_id for raw_id, _ in await office.roster(room["id"])] == [person(1), person(9)]


async def test_a_later_end_opens_a_room_again(house: House, office: Office) -> None:
    room = await short_room(office)
    house.clock.advance(days=30)

    answer = await office.update(room["id"], {"validUntil": ahead(days=40)})
    await sweep(house)

    assert answer.status_code == 200
    assert [one["id"] for one in (await office.page())["value"]] == [room["id"]]
    house.clock.advance(days=9)
    assert (await office.get(room["id"])).json() == answer.json()


async def test_a_room_of_the_longest_window_is_opened_again_with_both_ends(
    house: House, office: Office
) -> None:
    room = await office.create()
    house.clock.advance(days=181)

    alone = await office.update(room["id"], {"validUntil": ahead(days=200)})
    both = await office.update(
        room["id"], {"validFrom": ahead(days=181), "validUntil": ahead(days=200)}
    )

    assert [target for target, _ in details(alone)] == ["ValidUntil"]
    assert both.status_code == 200


@pytest.mark.parametrize("swept", [False, True])
async def test_a_room_is_there_to_the_last_second_of_its_grace(
    house: House, office: Office, *, swept: bool
) -> None:
    room = await short_room(office)
    house.clock.now = datetime.fromisoformat(room["validUntil"]) + GRACE - SECOND
    if swept:
        await sweep(house)
    before = await office.get(room["id"])

    house.clock.now += SECOND
    if swept:
        await sweep(house)

    room_id = room["id"]
    assert before.json() == room
    assert flat(await office.get(room_id)) == NOT_FOUND
    assert flat(await office.update(room_id, {})) == NOT_FOUND
    assert flat(await office.update(room_id, {"pstnDialOutEnabled": True})) == NOT_FOUND
    assert flat(await office.participants(room_id)) == NOT_FOUND
    assert flat(await office.invite(room_id, {})) == NOT_FOUND
    assert (await office.delete(room_id)).status_code == 204
    assert (await office.delete(room_id)).status_code == 204


async def test_a_call_is_told_the_same_as_everyone_else(house: House, office: Office) -> None:
    room = await short_room(office)
    number = int(room["id"])

    def find(connection: Connection) -> object:
        return house.rooms.find(connection, number, house.resource_id)

    before = await house.database.read(find)
    house.clock.now = datetime.fromisoformat(room["validUntil"]) + GRACE

    assert before is not None
    assert await house.database.read(find) is None


async def test_what_is_gone_leaves_its_id_and_nothing_else(house: House, office: Office) -> None:
    gone, kept = await short_room(office), await office.create(participants={person(1): {}})
    house.clock.advance(days=31)

    await sweep(house)

    assert await house.count("room") == 2
    assert await house.count("invitation") == 1
    assert (await office.get(kept["id"])).json() == kept
    assert house.room_witness.settled == [int(gone["id"])]
    assert house.room_witness.followed == [f"outcome of {gone['id']}"]


async def test_much_is_swept_in_many_short_steps(house: House, office: Office) -> None:
    for _ in range(120):
        await office.create(validUntil=ahead(hours=1))
    house.clock.advance(days=31)

    steps = await sweep(house)

    assert steps == 3
    assert len(house.room_witness.settled) == len(house.room_witness.followed) == 120


async def test_a_long_roster_is_swept_in_parts(house: House, office: Office) -> None:
    for _ in range(7):
        await short_room(office, people=350)
    house.clock.advance(days=31)
    left = []

    while await house.rooms.sweep():
        left.append(await house.count("invitation"))

    assert left == [450]
    assert await house.count("invitation") == 0
    assert len(house.room_witness.settled) == 7


@pytest.fixture
async def strict(tmp_path: Path, database_url: str | None) -> AsyncIterator[House]:
    """A server with limits of its own."""
    limits = Limits(
        longest_window=timedelta(days=10),
        default_window=timedelta(days=2),
        grace=timedelta(),
        roster=5,
        rooms_page=3,
        participants_page=2,
    )
    async with open_house(tmp_path, database_url, limits=limits) as opened:
        yield opened


async def test_the_operator_sets_windows_and_grace(strict: House) -> None:
    office = Office(strict.backend("2025-03-13"))

    room = await office.create()
    too_long = await office.ask_to_create({"validUntil": ahead(days=10, seconds=1)})
    too_late = await office.ask_to_create({"validFrom": ahead(days=10, seconds=1)})
    after_the_default = await office.ask_to_create({"validFrom": ahead(days=3)})

    assert room["validUntil"] == "2026-11-24T09:30:00.123456+00:00"
    assert details(too_long)[0][1] == "The time range is incorrect, or larger than 10 days."
    assert details(too_late)[0][1] == "Value is incorrect or more than 10 days in the future."
    assert details(after_the_default)[0][0] == "ValidUntil"
    strict.clock.advance(days=2)
    assert flat(await office.get(room["id"])) == NOT_FOUND


async def test_a_roster_longer_than_a_page_is_shown_in_pages(strict: House) -> None:
    office = Office(strict.backend("2024-04-15"))
    people: Json = {person(number): {} for number in (4, 2, 5, 1, 3)}
    room_id = (await office.create(participants=people))["id"]

    first = (await office.participants(room_id)).json()
    # Whoever comes or goes meanwhile neither repeats nor hides another one.
    await office.invite(room_id, {"participants": {person(2): None, person(4): None}})
    second = await office.page(first["nextLink"])
    third = await office.page(second["nextLink"])

    shown = [[one["rawId"] for one in page["value"]] for page in (first, second, third)]
    assert shown == [[person(4), person(2)], [person(5), person(1)], [person(3)]]
    assert "nextLink" not in third
    assert first["nextLink"].startswith(f"{HTTPS}/rooms/{room_id}/participants?nextLink=")
    assert first["nextLink"].endswith("&api-version=2024-04-15")


async def test_a_link_of_another_roster_is_refused(strict: House) -> None:
    office = Office(strict.backend("2025-03-13"))
    people: Json = {person(number): {} for number in range(3)}
    one, other = [(await office.create(participants=people))["id"] for _ in range(2)]
    link: str = (await office.participants(one)).json()["nextLink"]

    answer = await office.backend.send("GET", link.removeprefix(HTTPS).replace(one, other))

    assert flat(answer)[0] == 400


async def test_the_operator_sets_the_pages_of_lists(strict: House) -> None:
    office = Office(strict.backend("2025-03-13"))
    for _ in range(4):
        await office.create()

    page = await office.page()

    assert len(page["value"]) == 3
    assert len((await office.page(page["nextLink"]))["value"]) == 1
