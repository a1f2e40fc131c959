"""A decision that the line refuses, with nothing of it begun, is put there again, so many times."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.storage.holding import Hold

from openrooms.calling.consequences import CallEnded, Consequence
from openrooms.calling.decisions import Decisions
from openrooms.storage.database import Connection, Database
from openrooms.storage.errors import DatabaseBusy, OutcomeUnknown
from openrooms.storage.schema import secret
from openrooms.storage.sqlite import Limits, open_sqlite

from .world import Followed

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_sqlite(tmp_path / "openrooms.db", Limits(patience=0.2)) as opened:
        yield opened


@pytest.fixture
def hold() -> Iterator[Hold]:
    made = Hold()
    yield made
    made.go_on.set()


async def held(database: Database, hold: Hold) -> None:
    """Somebody keeps everyone waiting."""
    with suppress(OutcomeUnknown):
        await database.write(hold)


async def a_turn_is_refused(database: Database) -> None:
    """Whoever came to the line before has been refused by then, too."""
    with pytest.raises(DatabaseBusy):
        await database.write(nothing)


def nothing(connection: Connection) -> None:
    connection.execute(select(1))


def decision(connection: Connection) -> tuple[str, list[Consequence]]:
    connection.execute(secret.insert().values(name="decided", value=b"v"))
    return "decided", [CallEnded("a call")]


def names(connection: Connection) -> list[str]:
    return list(connection.scalars(select(secret.c.name)))


async def test_it_is_made_once_as_soon_as_there_is_room(hasty: Database, hold: Hold) -> None:
    decisions, followed, answered = Decisions(hasty), Followed(), list[str]()
    decisions.report_to(followed)
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(held(hasty, hold))
        await asyncio.to_thread(hold.begun.wait, 5)
        asked = tasks.create_task(decisions.decide_and_answer(decision, then=answered.append))
        await asyncio.sleep(0)
        await a_turn_is_refused(hasty)
        assert not asked.done()
        hold.go_on.set()

    assert asked.result() == "decided"
    assert (answered, followed.all) == (["decided"], [CallEnded("a call")])
    assert await hasty.read(names) == ["decided"]


async def test_who_is_refused_again_and_again_is_told_and_nothing_has_happened(
    hasty: Database, hold: Hold
) -> None:
    decisions, followed = Decisions(hasty), Followed()
    decisions.report_to(followed)
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(held(hasty, hold))
        await asyncio.to_thread(hold.begun.wait, 5)

        with pytest.raises(DatabaseBusy):
            await decisions.decide_and_answer(decision)
        hold.go_on.set()

    assert followed.all == []
    assert await hasty.read(names) == []
