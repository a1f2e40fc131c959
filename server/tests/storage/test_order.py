"""What follows from commits is settled in the order in which they were begun."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from openrooms.storage.jobs import Job
from openrooms.storage.postgres.order import CommitOrder

pytestmark = pytest.mark.anyio


class Ledger:
    """Keeps what was settled."""

    def __init__(self) -> None:
        self.settled: list[Job[Any]] = []

    def __call__(self, jobs: Sequence[Job[Any]]) -> None:
        self.settled.extend(jobs)


def job() -> Job[None]:
    return Job(lambda _: None, asyncio.get_running_loop().create_future())


async def test_a_later_commit_waits_for_an_earlier_one() -> None:
    ledger, first, second = Ledger(), job(), job()
    order = CommitOrder(ledger)
    places = order.enter(), order.enter()

    order.leave(places[1], second)
    assert ledger.settled == []
    order.leave(places[0], first)

    assert ledger.settled == [first, second]


async def test_a_commit_that_failed_holds_up_nobody() -> None:
    ledger, second = Ledger(), job()
    order = CommitOrder(ledger)
    places = order.enter(), order.enter()

    order.leave(places[1], second)
    order.leave(places[0], None)

    assert ledger.settled == [second]


async def test_an_earlier_commit_waits_for_nobody() -> None:
    ledger, first = Ledger(), job()
    order = CommitOrder(ledger)
    place, _ = order.enter(), order.enter()

    order.leave(place, first)

    assert ledger.settled == [first]
