"""A resource that asks too often is told when to come back, and takes nothing from another."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.http import quotas
from openrooms.http.errors import TooManyRequests
from openrooms.http.quotas import Quotas, Rate, Shares

pytestmark = pytest.mark.anyio


class Seconds:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


RATES = {"writes": Rate(10, 1, burst=50), "issues": Rate(100, 30, burst=100)}


def spend(kept: Quotas, times: int, *, resource: str = "r", quota: str = "writes") -> int:
    """How many of so many requests are taken."""
    taken = 0
    for _ in range(times):
        try:
            kept.spend(resource, quota)
        except TooManyRequests:
            continue
        taken += 1
    return taken


def test_a_quota_can_be_spent_at_once_and_no_more_than_that() -> None:
    kept = Quotas(RATES, Seconds())

    assert spend(kept, 60) == 50
    assert spend(kept, 200, quota="issues") == 100


def test_it_refills_steadily_up_to_its_burst() -> None:
    kept = Quotas(RATES, seconds := Seconds())
    spend(kept, 60)

    seconds.now += 2
    after_two = spend(kept, 60)
    seconds.now += 3600

    assert after_two == 20
    assert spend(kept, 60) == 50


def test_who_asks_too_often_is_told_in_whole_seconds_when_to_come_back() -> None:
    kept = Quotas(RATES, seconds := Seconds())
    spend(kept, 100, quota="issues")

    with pytest.raises(TooManyRequests) as told:
        kept.spend("r", "issues")
    seconds.now += told.value.retry_after
    kept.spend("r", "issues")

    assert told.value.retry_after == 1
    assert told.value.message == "Too many requests. Try again in 1 s."


@given(count=st.integers(1, 100), seconds=st.sampled_from([1, 30]), tries=st.integers(1, 3))
def test_who_comes_back_when_told_is_served(count: int, seconds: int, tries: int) -> None:
    kept = Quotas({"x": Rate(count, seconds, burst=count)}, clock := Seconds())
    spend(kept, count, quota="x")
    for _ in range(tries):
        spend(kept, 2 * count, quota="x")
        with pytest.raises(TooManyRequests) as told:
            kept.spend("r", "x")
        clock.now += told.value.retry_after

        assert spend(kept, 1, quota="x") == 1


def test_a_refused_request_takes_nothing() -> None:
    kept = Quotas(RATES, seconds := Seconds())
    spend(kept, 5000)

    seconds.now += 1

    assert spend(kept, 60) == 10


def test_each_resource_has_quotas_of_its_own() -> None:
    kept = Quotas(RATES, Seconds())
    spend(kept, 60)

    assert spend(kept, 60, resource="other") == 50
    assert spend(kept, 60, quota="unlimited") == 60


def test_those_that_are_whole_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "MOST_KNOWN", 10)
    kept = Quotas(RATES, seconds := Seconds())
    for number in range(10):
        kept.spend(str(number), "writes")

    seconds.now += 60
    kept.spend("new", "writes")

    assert len(kept._whole_at) == 1


async def test_what_is_over_a_resources_share_waits_in_its_own_line() -> None:
    shares = Shares(running=2, waiting=10)
    order: list[str] = []
    held = asyncio.Event()

    async def run(resource: str, name: str) -> None:
        if not shares.enter(resource):
            await shares.wait(resource)
        try:
            order.append(name)
            if resource == "busy":
                await held.wait()
        finally:
            shares.leave(resource)

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        for name in "abcd":
            tasks.create_task(run("busy", name))
        await tasks.create_task(run("other", "o"))
        before = list(order)
        held.set()

    assert before == ["a", "b", "o"]
    assert order == ["a", "b", "o", "c", "d"]
    assert (shares._running, shares._waiting) == ({}, {})


async def test_the_line_is_bounded() -> None:
    shares = Shares(running=1, waiting=0)
    shares.enter("r")

    entered = shares.enter("r")
    with pytest.raises(TooManyRequests):
        await shares.wait("r")

    assert not entered


@pytest.mark.parametrize("given_a_place", [False, True])
async def test_who_no_longer_waits_keeps_nobody_from_a_place(*, given_a_place: bool) -> None:
    shares = Shares(running=1, waiting=10)
    shares.enter("r")
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        gone = tasks.create_task(shares.wait("r"))
        stays = tasks.create_task(shares.wait("r"))
        await asyncio.sleep(0)
        if given_a_place:
            shares.leave("r")
        gone.cancel()
        await asyncio.wait([gone])
        if not given_a_place:
            shares.leave("r")
        await stays
    shares.leave("r")

    assert (shares._running, shares._waiting) == ({}, {})
