"""Reading events over HTTP, on both stores."""

import asyncio
from typing import Any
from urllib.parse import quote

import pytest
from tests.calling.records.archive import Archive

from openrooms.events import store
from openrooms.events.service import DEFAULT_KEPT, PAGE, Events
from openrooms.http.paging import NextLinks
from openrooms.rooms.happenings import room_deleted
from openrooms.storage.database import Connection, Database
from openrooms.storage.errors import DatabaseFull

from .told import EVENTS, told

pytestmark = pytest.mark.anyio

ORIGIN = "https://rooms.example:8443"


async def test_sequences_have_no_gaps_and_a_reader_goes_on_where_it_was(archive: Archive) -> None:
    for _ in range(3):
        await archive.room()
    seen = await told(archive)
    await asyncio.gather(*[archive.room() for _ in range(20)])

    rest = await archive.read(f"{EVENTS}?after={seen[-1]['sequence']}", "Events_List")

    assert [one["sequence"] for one in seen] == [1, 2, 3]
    assert [one["sequence"] for one in rest["value"]] == list(range(4, 24))
    assert len({one["id"] for one in await told(archive)}) == 23


async def test_many_are_read_in_pages_that_readers_at_once_see_alike(archive: Archive) -> None:
    for _ in range(2 * PAGE + 3):
        await archive.room()

    read = await asyncio.gather(*[told(archive) for _ in range(4)])

    assert [one["sequence"] for one in read[0]] == list(range(1, 2 * PAGE + 4))
    assert all(each == read[0] for each in read)
    first = await archive.read(EVENTS, "Events_List")
    assert (len(first["value"]), first["nextLink"].startswith(ORIGIN + EVENTS)) == (PAGE, True)
    last = await archive.read(f"{EVENTS}?after={2 * PAGE + 3}", "Events_List")
    assert last == {"value": []}


@pytest.mark.parametrize("after", ["-1", "x", "", "1.0", "\u0661", "1" * 20, str(2**63), "1\n"])
async def test_what_is_no_sequence_is_refused(archive: Archive, after: str) -> None:
    refused = await archive.get(f"{EVENTS}?after={quote(after)}", "Events_List")

    assert refused.status_code == 400
    assert "after" in refused.json()["error"]["message"]


async def test_a_link_of_another_resource_or_made_up_is_refused(archive: Archive) -> None:
    other = await archive.house.resources.create("clinic")
    links, made_up = NextLinks(b"k" * 32, lambda _: ORIGIN), NextLinks(b"x" * 32, lambda _: ORIGIN)
    targets = [
        made_up.write(EVENTS, "1", resource_id=archive.house.resource_id, version="v1"),
        links.write(EVENTS, "1", resource_id=other.id, version="v1"),
    ]

    answers = [await archive.get(one.removeprefix(ORIGIN), "Events_List") for one in targets]

    assert [one.status_code for one in answers] == [400, 400]


async def test_nothing_of_one_resource_is_seen_by_another(archive: Archive) -> None:
    ann = await archive.agent()
    await archive.join(ann, await archive.room(ann))
    key = archive.house.resources.first.primary_key
    tenant = await archive.house.resources.create("clinic")
    other = archive.house.backend("v1", key=tenant.primary_key)
    mine = archive.house.backend("v1", key=key)

    assert (await other.send("GET", EVENTS)).json() == {"value": []}
    made = await archive.house.backend("2025-03-13", key=tenant.primary_key).send(
        "POST", "/rooms", {}
    )
    theirs = (await other.send("GET", EVENTS)).json()["value"]
    assert [(one["sequence"], one["data"]["room"]["id"]) for one in theirs] == [
        (1, made.json()["id"])
    ]
    assert len((await mine.send("GET", EVENTS)).json()["value"]) == 3


async def test_old_events_are_dropped_whether_they_were_read_or_not(archive: Archive) -> None:
    await archive.room()
    await told(archive)
    await archive.room()
    archive.house.clock.advance(hours=1)
    await archive.room()
    archive.house.clock.advance(days=DEFAULT_KEPT.days, minutes=-30)

    assert not await archive.house.events.sweep()

    assert [one["sequence"] for one in await told(archive)] == [2]
    assert await archive.house.count("event") == 1


async def test_an_event_from_a_clock_that_was_ahead_holds_up_none(archive: Archive) -> None:
    archive.house.clock.advance(days=300)
    await archive.room()
    archive.house.clock.advance(days=-300)
    await archive.room()

    await archive.house.events.sweep()

    assert await archive.house.count("event") == 1


async def test_what_is_undone_is_not_told(archive: Archive) -> None:
    room = await archive.room()

    def fail(connection: Connection) -> None:
        store.add(connection, room_deleted(room.resource_id, room.id, room.created_at))
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await archive.house.database.write(fail)

    assert [one["type"] for one in await told(archive)] == ["OpenRooms.RoomCreated"]


class Full:
    """The database on a full disk: it reads, and writes nothing."""

    def __init__(self, database: Database) -> None:
        self.read, self.look = database.read, database.look
        self.usable, self.hear = database.usable, database.hear

    async def write(self, *_: object, **__: object) -> Any:  # noqa: ANN401 - the protocol's
        raise DatabaseFull


async def test_what_was_counted_is_read_while_nothing_can_be_written(archive: Archive) -> None:
    await archive.room()
    await told(archive)
    await archive.room()
    events = Events(Full(archive.house.database), archive.house.clock)

    page = await events.list_events(archive.house.resource_id)

    assert [one.sequence for one in page.value] == [1]
    assert [one["sequence"] for one in await told(archive)] == [1, 2]
