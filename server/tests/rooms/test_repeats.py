"""Repeatable requests, over HTTP: a room is made once, however often it is asked for."""

from collections.abc import Mapping
from email.utils import format_datetime

import anyio
import httpx2
import pytest
from tests.identity.house import START, STRANGERS, House, Json
from tests.rooms.office import Office, details, flat

from openrooms.rooms import store
from openrooms.rooms.errors import Taken
from openrooms.rooms.model import Answer, NewRoom, Repeat, Room
from openrooms.rooms.wire import write_created

pytestmark = pytest.mark.anyio

REQUEST_ID = "5fa0c7bb-1111-1444-8888-0123456789ab"
FIRST_SENT = format_datetime(START, usegmt=True)
BOTH = {"Repeatability-Request-Id": REQUEST_ID, "Repeatability-First-Sent": FIRST_SENT}


def without_its_own(answer: httpx2.Response) -> Mapping[str, str]:
    """The headers, less those that no two answers share."""
    own = {"date", "x-ms-request-id"}
    return {name: value for name, value in answer.headers.items() if name not in own}


async def test_a_repeated_request_gets_the_first_answer(house: House, office: Office) -> None:
    first = await office.ask_to_create({}, BOTH)
    await office.update(first.json()["id"], {"pstnDialOutEnabled": True})
    house.clock.advance(minutes=4)

    again = await office.ask_to_create({}, BOTH)

    assert again.status_code == 201
    assert again.content == first.content
    assert without_its_own(again) == without_its_own(first)
    assert again.headers["repeatability-result"] == "accepted"
    assert await house.count("room") == 1


async def test_a_repeat_is_answered_although_its_window_is_over(
    house: House, office: Office
) -> None:
    sent = {"validUntil": START.replace(minute=31).isoformat()}
    first = await office.ask_to_create(sent, BOTH)
    house.clock.advance(minutes=3)

    again = await office.ask_to_create(sent, BOTH)
    new = await office.ask_to_create(sent, BOTH | {"Repeatability-Request-Id": house.resource_id})

    assert again.content == first.content
    assert len(details(new)) == 1


@pytest.mark.parametrize(
    ("sent", "version"),
    [
        ({"pstnDialOutEnabled": True}, "2025-03-13"),
        ({}, "2024-04-15"),
        ({"validUntil": "2020-01-01T00:00:00Z"}, "2025-03-13"),
    ],
)
async def test_the_same_id_for_another_request_is_refused(
    house: House, office: Office, sent: object, version: str
) -> None:
    await office.ask_to_create({}, BOTH)

    answer = await Office(house.backend(version)).ask_to_create(sent, BOTH)

    assert flat(answer)[0] == 400
    assert answer.headers["repeatability-result"] == "rejected"
    assert await house.count("room") == 1


async def test_two_at_the_same_moment_make_one_room(house: House, office: Office) -> None:
    answers: list[httpx2.Response] = []

    async def ask() -> None:
        answers.append(await office.ask_to_create({}, BOTH))

    async with anyio.create_task_group() as tasks:
        for _ in range(10):
            tasks.start_soon(ask)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await house.count("room") == 1


async def test_without_the_headers_every_request_makes_a_room(house: House, office: Office) -> None:
    await office.ask_to_create({})
    await office.ask_to_create({})

    assert await house.count("room") == 2
    assert await house.count("repeat") == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Repeatability-Request-Id": REQUEST_ID}, 400),
        ({"Repeatability-First-Sent": FIRST_SENT}, 400),
        (BOTH | {"Repeatability-Request-Id": "1"}, 400),
        (BOTH | {"Repeatability-First-Sent": "just now"}, 400),
        (BOTH | {"Repeatability-First-Sent": "Sun, 22 Nov 2026 09:24:59 GMT"}, 412),
        (BOTH | {"Repeatability-First-Sent": "Sun, 22 Nov 2026 09:35:01 GMT"}, 412),
    ],
)
async def test_headers_that_make_no_repeatable_request_are_refused(
    house: House, office: Office, headers: Mapping[str, str], status: int
) -> None:
    answer = await office.ask_to_create({}, headers)

    assert flat(answer)[0] == status
    assert answer.headers["repeatability-result"] == "rejected"
    assert await house.count("room") == 0


async def test_a_known_request_sent_too_late_is_refused_too(house: House, office: Office) -> None:
    await office.ask_to_create({}, BOTH)
    house.clock.advance(minutes=6)

    answer = await office.ask_to_create({}, BOTH)

    assert flat(answer)[0] == 412


async def test_a_refused_request_leaves_nothing_behind(house: House, office: Office) -> None:
    bad: Json = {"participants": {"wrong_mri": {}}}

    first = await office.ask_to_create(bad, BOTH)
    again = await office.ask_to_create(bad, BOTH)

    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert flat(again) == (400, "Invalid format for communication identifier.")
    assert await house.count("repeat") == 0


async def test_the_same_id_of_another_tenant_is_another_request(
    house: House, office: Office
) -> None:
    first = await office.ask_to_create({}, BOTH)

    other = await house.rooms.create(
        STRANGERS, NewRoom(), repeat=Repeat(REQUEST_ID, b"digest"), answer=write_created
    )

    assert other.location != first.json()["id"]


async def test_a_record_written_by_another_process_meanwhile_is_no_fault(house: House) -> None:
    made: list[Room] = []

    def answer(room: Room) -> Answer:
        made.append(room)
        return write_created(room)

    repeat = Repeat(REQUEST_ID, b"digest")
    first = await house.rooms.create(house.resource_id, NewRoom(), repeat=repeat, answer=answer)

    with pytest.raises(Taken):
        await house.database.write(
            lambda connection: store.remember(connection, made[0], request=repeat, answer=first)
        )


async def test_records_are_kept_for_a_day(house: House, office: Office) -> None:
    await office.ask_to_create({}, BOTH)
    house.clock.advance(hours=23)
    await house.rooms.forget_repeats()
    kept = await house.count("repeat")

    house.clock.advance(hours=1)
    await house.rooms.forget_repeats()

    assert kept == 1
    assert await house.count("repeat") == 0
