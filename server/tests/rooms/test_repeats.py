"""Repeatable requests, over HTTP: a room is made once, however often it is asked for."""

import asyncio
import threading
from collections.abc import Mapping
from datetime import timedelta
from email.utils import format_datetime

import anyio
import httpx2
import pytest
from tests.identity.house import START, STRANGERS, House
from tests.rooms.office import Office, details, flat, person

from openrooms.rooms import store
from openrooms.rooms.errors import Taken
from openrooms.rooms.model import Answer, NewRoom, Repeat
from openrooms.rooms.service import Rooms
from openrooms.rooms.wire import write_created
from openrooms.storage.database import Connection

pytestmark = pytest.mark.anyio

REQUEST_ID = "5fa0c7bb-1111-1444-8888-0123456789ab"
FIRST_SENT = format_datetime(START, usegmt=True)
BOTH = {"Repeatability-Request-Id": REQUEST_ID, "Repeatability-First-Sent": FIRST_SENT}


class Stopped(Exception):
    """What a transaction of a test ends with."""


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


@pytest.mark.parametrize(
    "bad",
    [
        {"participants": {"wrong_mri": {}}},
        {"participants": {person(1): {"role": "Kafka"}}},
        {"validFrom": (START + timedelta(days=180, minutes=2)).isoformat()},
        {"validUntil": "yesterday"},
        b"{",
        b"[]",
    ],
)
async def test_a_refused_request_is_refused_in_the_same_words_again(
    house: House, office: Office, bad: object
) -> None:
    first = await office.ask_to_create(bad, BOTH)
    # By now, one of these starts early enough.
    house.clock.advance(minutes=4)
    again = await office.ask_to_create(bad, BOTH)

    assert first.status_code == again.status_code == 400
    assert first.content == again.content
    assert without_its_own(first) == without_its_own(again)
    assert await house.count("repeat") == 1
    assert await house.count("room") == 0


async def test_a_refused_request_may_be_sent_anew_under_another_id(
    house: House, office: Office
) -> None:
    late = {"validFrom": (START + timedelta(days=180, minutes=2)).isoformat()}
    late["validUntil"] = (START + timedelta(days=181)).isoformat()
    await office.ask_to_create(late, BOTH)
    house.clock.advance(minutes=4)

    answer = await office.ask_to_create(
        late, BOTH | {"Repeatability-Request-Id": house.resource_id}
    )

    assert answer.status_code == 201


async def test_the_id_of_a_refused_request_serves_no_other_one(
    house: House, office: Office
) -> None:
    await office.ask_to_create(b"[]", BOTH)

    answer = await office.ask_to_create({}, BOTH)

    assert flat(answer)[0] == 400
    assert answer.headers["repeatability-result"] == "rejected"
    assert await house.count("room") == 0


async def test_a_request_that_met_a_busy_server_is_carried_out_when_it_comes_again(
    house: House, office: Office
) -> None:
    busy = Rooms(house.database, house.clock, new_id=lambda: 99_400_000_000_000_001)
    await busy.create(house.resource_id, NewRoom(), repeat=None, answer=write_created)
    repeat = Repeat(REQUEST_ID, b"digest")

    with pytest.raises(Taken):
        await busy.create(house.resource_id, NewRoom(), repeat=repeat, answer=write_created)
    again = await house.rooms.create(
        house.resource_id, NewRoom(), repeat=repeat, answer=write_created
    )

    assert again.status == 201
    assert await house.count("room") == 2


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "status"), [({}, 201), (b"[]", 400)])
async def test_a_twin_of_a_request_that_takes_long_is_told_to_come_back(
    house: House, office: Office, sent: object, status: int
) -> None:
    loop, begun, going_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    answers: list[httpx2.Response] = []

    def hold_up(connection: Connection) -> None:
        """Another process that serves the same id, and then cannot go through with it."""
        kept = Answer(201, b"", "1")
        request = Repeat(REQUEST_ID, b"")
        store.remember(connection, house.resource_id, request=request, answer=kept, at=START)
        loop.call_soon_threadsafe(begun.set)
        going_on.wait()
        raise Stopped

    async def be_held_up() -> None:
        with pytest.raises(Stopped):
            await house.database.write(hold_up)

    async def ask() -> None:
        answers.append(await office.ask_to_create(sent, BOTH))
        going_on.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(be_held_up)
        await begun.wait()
        tasks.start_soon(ask)
        tasks.start_soon(ask)
    again = await office.ask_to_create(sent, BOTH)

    assert answers[0].status_code == 409
    assert answers[0].headers["retry-after"] == "1"
    assert answers[0].json()["error"]["code"] == "Conflict"
    assert again.status_code == status
    assert await house.count("repeat") == 1


async def test_two_processes_that_serve_one_id_at_once_make_one_room(house: House) -> None:
    processes = [Rooms(house.database, house.clock) for _ in range(3)]
    answers: list[tuple[str, Answer]] = []

    async def serve(rooms: Rooms, request_id: str) -> None:
        repeat = Repeat(request_id, b"digest")
        answer = await rooms.create(
            house.resource_id, NewRoom(), repeat=repeat, answer=write_created
        )
        answers.append((request_id, answer))

    async with anyio.create_task_group() as tasks:
        for number in range(20):
            for rooms in processes:
                tasks.start_soon(serve, rooms, str(number))

    assert len(answers) == 60
    assert len({(request_id, answer.body) for request_id, answer in answers}) == 20
    assert await house.count("room") == 20


async def test_the_same_id_of_another_tenant_is_another_request(
    house: House, office: Office
) -> None:
    first = await office.ask_to_create({}, BOTH)

    other = await house.rooms.create(
        STRANGERS, NewRoom(), repeat=Repeat(REQUEST_ID, b"digest"), answer=write_created
    )

    assert other.location != first.json()["id"]


async def test_a_record_written_by_another_process_meanwhile_is_no_fault(house: House) -> None:
    repeat = Repeat(REQUEST_ID, b"digest")
    other = Rooms(house.database, house.clock)
    first = await other.create(house.resource_id, NewRoom(), repeat=repeat, answer=write_created)

    second = await house.rooms.create(
        house.resource_id, NewRoom(), repeat=repeat, answer=write_created
    )

    assert second == first
    assert await house.count("room") == 1


async def test_records_are_kept_for_a_day(house: House, office: Office) -> None:
    await office.ask_to_create({}, BOTH)
    house.clock.advance(hours=23)
    await house.rooms.sweep()
    kept = await house.count("repeat")

    house.clock.advance(hours=1)
    await house.rooms.sweep()

    assert kept == 1
    assert await house.count("repeat") == 0


async def test_records_of_a_clock_that_was_ahead_hold_up_no_others(house: House) -> None:
    house.clock.advance(days=30)
    repeat = Repeat(REQUEST_ID, b"digest")
    await house.rooms.create(house.resource_id, NewRoom(), repeat=repeat, answer=write_created)
    kept = await house.count("repeat")
    house.clock.advance(days=-30)

    await house.rooms.sweep()

    assert kept == 1
    assert await house.count("repeat") == 0
