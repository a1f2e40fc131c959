"""Listing rooms, page by page, over HTTP."""

from datetime import timedelta

import pytest
from tests.identity.house import START, STRANGERS, House, Json
from tests.rooms.office import Office, flat

from openrooms.http.paging import NextLinks
from openrooms.rooms import store
from openrooms.rooms.model import NewRoom, Room, Window
from openrooms.rooms.wire import write_created
from openrooms.storage.database import Connection

pytestmark = pytest.mark.anyio


async def make(house: House, office: Office, count: int) -> list[str]:
    """Rooms made one after the other; their ids, the newest first."""
    made: list[str] = []
    for _ in range(count):
        made.insert(0, (await office.create())["id"])
        house.clock.advance(seconds=1)
    return made


async def follow(office: Office, page: Json) -> list[str]:
    """The ids of this page and of all that come after it."""
    found = [room["id"] for room in page["value"]]
    while "nextLink" in page:
        page = await office.page(page["nextLink"])
        found += [room["id"] for room in page["value"]]
    return found


async def test_without_rooms_there_is_one_empty_page(office: Office) -> None:
    assert await office.page() == {"value": []}


async def test_thirty_rooms_fill_exactly_one_page(house: House, office: Office) -> None:
    made = await make(house, office, 30)

    page = await office.page()

    assert [room["id"] for room in page["value"]] == made
    assert "nextLink" not in page


async def test_pages_follow_each_other_newest_first(house: House, office: Office) -> None:
    made = await make(house, office, 70)

    page = await office.page()

    assert len(page["value"]) == 30
    assert await follow(office, page) == made


async def test_rooms_of_one_moment_are_listed_once_each(house: House, office: Office) -> None:
    made = {(await office.create())["id"] for _ in range(65)}

    found = await follow(office, await office.page())

    assert len(found) == 65
    assert set(found) == made


async def test_a_listed_room_is_shown_as_it_is(office: Office) -> None:
    room = await office.create(pstnDialOutEnabled=True)

    assert await office.page() == {"value": [room]}


async def test_rooms_that_live_throughout_are_listed_once_whatever_comes_and_goes(
    house: House, office: Office
) -> None:
    made = await make(house, office, 95)
    page = await office.page()
    anchor = page["value"][-1]["id"]

    await office.delete(anchor)
    await office.delete(made[40])
    await make(house, office, 5)
    found = await follow(office, page)

    assert found == [room_id for room_id in made if room_id != made[40]]


async def test_rooms_that_have_ended_or_are_not_ours_are_not_listed(
    house: House, office: Office
) -> None:
    await house.rooms.create(STRANGERS, NewRoom(), repeat=None, answer=write_created)
    await office.create(validUntil=START.replace(hour=12).isoformat())
    later = await office.create(validFrom=START.replace(hour=20).isoformat())

    house.clock.advance(hours=4)

    assert [room["id"] for room in (await office.page())["value"]] == [later["id"]]


@pytest.mark.parametrize("version", ["ApiVersion.V2025_03_13", "2025-03-13", "2023-06-14"])
async def test_a_link_is_followed_under_any_spelling_of_the_version(
    house: House, office: Office, version: str
) -> None:
    made = await make(house, office, 31)
    link: str = (await office.page())["nextLink"]

    page = await office.page(link.replace("api-version=2025-03-13", f"api-version={version}"))

    assert [room["id"] for room in page["value"]] == [made[-1]]


async def test_a_link_leads_to_our_own_name_whatever_the_request_said(
    house: House, office: Office
) -> None:
    await make(house, office, 31)

    answer = await office.backend.send("GET", "/rooms", headers={"Host": "evil.example"})

    assert answer.json()["nextLink"].startswith("https://rooms.example:8443/rooms?nextLink=")


@pytest.mark.parametrize("token", ["", "AAAA", "x.y", "%00", "9" * 1000])
async def test_a_link_that_is_not_ours_is_refused(office: Office, token: str) -> None:
    answer = await office.backend.send("GET", f"/rooms?nextLink={token}")

    status, _ = flat(answer)
    assert status == 400


async def test_a_link_of_another_tenant_is_refused(house: House, office: Office) -> None:
    links = NextLinks(b"k" * 32, lambda _: "https://rooms.example:8443")
    position = "2026-11-22T09:30:00+00:00 99400000000000000"
    link = links.write("/rooms", position, resource_id=STRANGERS, version="2025-03-13")

    answer = await office.backend.send("GET", link.removeprefix("https://rooms.example:8443"))

    assert flat(answer)[0] == 400


@pytest.mark.parametrize("size", ["0", "-1", "1000000000", "abc"])
async def test_no_caller_can_ask_for_an_endless_page(
    house: House, office: Office, size: str
) -> None:
    await make(house, office, 31)

    answer = await office.backend.send("GET", f"/rooms?maxPageSize={size}&top={size}")

    assert len(answer.json()["value"]) == 30


async def test_rooms_that_have_ended_between_others_are_stepped_over(
    house: House, office: Office
) -> None:
    made = []
    for number in range(80):
        ends = {"validUntil": START.replace(hour=12).isoformat()} if number % 3 else {}
        room = await office.create(**ends)
        made += [] if ends else [room["id"]]
        house.clock.advance(seconds=1)
    house.clock.advance(hours=3)

    page = await office.page()
    found = [room["id"] for room in page["value"]]

    assert found == made[::-1]
    assert "nextLink" not in page


async def test_a_page_steps_over_a_bounded_number_of_them(house: House, office: Office) -> None:
    oldest = (await office.create())["id"]
    await add_ended(house, store.SCAN_AT_ONCE + 100)

    page = await office.page()

    assert page["value"] == []
    assert await follow(office, page) == [oldest]


async def add_ended(house: House, count: int) -> None:
    """So many rooms that were made later and have ended."""

    def add(connection: Connection) -> None:
        for number in range(count):
            made_at = START + timedelta(milliseconds=number + 1)
            window = Window(made_at, made_at + timedelta(milliseconds=1))
            room = Room(number + 1, house.resource_id, made_at, window, pstn_dial_out_enabled=False)
            store.add_room(connection, room, ())

    await house.database.write(add)
    house.clock.advance(hours=1)
