"""A repeatable request whose record another process is about to write, on PostgreSQL."""

import asyncio
import threading
from collections.abc import AsyncIterator
from email.utils import format_datetime
from pathlib import Path

import anyio
import httpx2
import pytest
from support.postgres import Postgres
from tests.identity.house import START, House, open_house
from tests.rooms.office import Office

from openrooms.rooms import store
from openrooms.rooms.model import Answer, Repeat
from openrooms.storage.database import Connection

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

REQUEST_ID = "5fa0c7bb-1111-1444-8888-0123456789ab"
BOTH = {
    "Repeatability-Request-Id": REQUEST_ID,
    "Repeatability-First-Sent": format_datetime(START, usegmt=True),
}


@pytest.fixture
async def house(tmp_path: Path, postgres: Postgres) -> AsyncIterator[House]:
    with postgres.fresh() as url:
        async with open_house(tmp_path, url) as opened:
            yield opened


@pytest.mark.parametrize(("sent", "status"), [({}, 201), (b"[]", 400)])
async def test_it_waits_and_is_told_to_come_back(house: House, sent: object, status: int) -> None:
    office = Office(house.backend("2025-03-13"))
    loop, begun, going_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    answers: list[httpx2.Response] = []

    def hold(connection: Connection) -> None:
        request, kept = Repeat(REQUEST_ID, b""), Answer(201, b"", "1")
        store.remember(connection, house.resource_id, request=request, answer=kept, at=START)
        loop.call_soon_threadsafe(begun.set)
        going_on.wait()
        # Another process cannot go through with it.
        connection.exec_driver_sql("DELETE FROM repeat")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(house.database.write, hold)
        await begun.wait()
        try:
            answers.append(await office.ask_to_create(sent, BOTH))
        finally:
            going_on.set()
    answers.append(await office.ask_to_create(sent, BOTH))

    assert [answer.status_code for answer in answers] == [409, status]
    assert answers[0].headers["retry-after"] == "1"
    assert answers[0].json()["error"]["code"] == "Conflict"
