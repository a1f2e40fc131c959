"""The demo's room and people stay, its tokens are fresh, and what has gone is made anew."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.clock import HandClock

from openrooms.demo import Demo, DemoMaker
from openrooms.identity.resources import open_resources
from openrooms.identity.service import Identities, open_tokens
from openrooms.kernel.identifiers import CommunicationUser
from openrooms.rooms.model import Role
from openrooms.rooms.service import Rooms
from openrooms.storage.database import Database
from openrooms.storage.secrets import Secrets, Vault

pytestmark = pytest.mark.anyio

BROWSER_URL = "http://localhost:8080/"
START = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START)


@pytest.fixture
async def maker(database: Database, clock: HandClock) -> DemoMaker:
    vault = Vault(bytes(32))
    resources = await open_resources(database, vault, clock)
    tokens = await open_tokens(database, vault, clock, issuer="http://localhost:8080")
    return DemoMaker(
        rooms=Rooms(database, clock),
        identities=Identities(database, clock, tokens),
        secrets=Secrets(database, vault),
        clock=clock,
        resource_id=resources.first.id,
    )


def parts(demo: Demo) -> list[dict[str, str]]:
    fragments = [parse_qs(urlsplit(link.url).fragment) for link in demo.links]
    return [{name: values[0] for name, values in one.items()} for one in fragments]


async def users(maker: DemoMaker, demo: Demo) -> list[CommunicationUser]:
    return [(await maker.identities.verify(one["token"])).user for one in parts(demo)]


async def roster(maker: DemoMaker, demo: Demo) -> dict[str, Role]:
    page = await maker.rooms.list_participants(maker.resource_id, demo.room_id)
    return {one.raw_id: one.role for one in page.participants}


async def test_two_are_invited_and_a_stranger_is_not(maker: DemoMaker) -> None:
    demo = await maker.prepare(BROWSER_URL)
    doctor, patient, _ = await users(maker, demo)

    assert [(link.person.name, link.person.role) for link in demo.links] == [
        ("Doctor", "Presenter"),
        ("Patient", "Attendee"),
        ("Stranger", None),
    ]
    assert await roster(maker, demo) == {
        doctor.raw_id: Role.PRESENTER,
        patient.raw_id: Role.ATTENDEE,
    }


async def test_a_link_holds_all_in_its_fragment(maker: DemoMaker) -> None:
    demo = await maker.prepare(BROWSER_URL)
    url = urlsplit(demo.links[0].url)

    assert (url.scheme, url.netloc, url.path, url.query) == ("http", "localhost:8080", "/call", "")
    assert parts(demo)[0]["room"] == demo.room_id
    assert parts(demo)[0]["name"] == "Doctor"


async def test_at_the_next_start_it_is_the_same_room_with_fresh_tokens(
    maker: DemoMaker, clock: HandClock
) -> None:
    first = await maker.prepare(BROWSER_URL)
    before = await users(maker, first)
    clock.now += timedelta(hours=23)

    second = await maker.prepare(BROWSER_URL)

    assert second.room_id == first.room_id
    assert await users(maker, second) == before
    assert parts(second)[0]["token"] != parts(first)[0]["token"]


@pytest.mark.parametrize("days", [179.5, 200])
async def test_a_room_that_ends_soon_or_has_ended_is_made_anew(
    maker: DemoMaker, clock: HandClock, days: float
) -> None:
    first = await maker.prepare(BROWSER_URL)
    clock.now += timedelta(days=days)

    second = await maker.prepare(BROWSER_URL)

    assert second.room_id != first.room_id
    assert len(await roster(maker, second)) == 2


async def test_a_deleted_room_is_made_anew(maker: DemoMaker) -> None:
    first = await maker.prepare(BROWSER_URL)
    await maker.rooms.delete(maker.resource_id, first.room_id)

    second = await maker.prepare(BROWSER_URL)

    assert second.room_id != first.room_id


async def test_a_deleted_person_is_made_anew_and_invited(maker: DemoMaker) -> None:
    first = await maker.prepare(BROWSER_URL)
    doctor, patient, stranger = await users(maker, first)
    await maker.identities.delete(maker.resource_id, doctor.raw_id)

    second = await maker.prepare(BROWSER_URL)
    people = await users(maker, second)

    assert people[0] != doctor
    assert people[1:] == [patient, stranger]
    assert set(await roster(maker, second)) == {people[0].raw_id, patient.raw_id}


async def test_for_another_resource_everyone_is_made_anew(
    maker: DemoMaker, database: Database, clock: HandClock
) -> None:
    first = await maker.prepare(BROWSER_URL)
    before = await users(maker, first)
    other = await (await open_resources(database, Vault(bytes(32)), clock)).create("other")
    anew = replace(maker, resource_id=other.id)

    second = await anew.prepare(BROWSER_URL)

    assert second.room_id != first.room_id
    assert not set(before) & set(await users(anew, second))


async def test_a_roster_that_was_changed_is_as_it_was_at_the_next_start(maker: DemoMaker) -> None:
    demo = await maker.prepare(BROWSER_URL)
    before = await roster(maker, demo)
    doctor, patient, stranger = await users(maker, demo)
    wishes = {doctor.raw_id: Role.CONSUMER, patient.raw_id: None, stranger.raw_id: Role.PRESENTER}
    await maker.rooms.update_participants(maker.resource_id, demo.room_id, wishes)

    await maker.prepare(BROWSER_URL)

    assert await roster(maker, demo) == before
