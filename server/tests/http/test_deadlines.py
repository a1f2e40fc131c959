"""A deadline comes when it was last set to come, or not at all."""

import asyncio

import pytest

from openrooms.http.deadlines import Deadline
from openrooms.kernel.clock import monotonic

pytestmark = pytest.mark.anyio

SOON, LATE = 0.03, 30.0


class Alarm:
    """Rings once."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()
        self.deadline = Deadline(asyncio.get_running_loop(), self.rung.set)

    async def rings(self, *, within: float = 1.0) -> bool:
        try:
            async with asyncio.timeout(within):
                await self.rung.wait()
        except TimeoutError:
            return False
        return True


async def test_it_comes_when_it_was_set_to_come() -> None:
    alarm, start = Alarm(), monotonic()
    alarm.deadline.set(SOON)

    assert await alarm.rings()
    assert monotonic() - start >= SOON - 0.002
    assert not alarm.deadline.is_set


async def test_it_is_put_off_as_often_as_one_likes() -> None:
    alarm, start = Alarm(), monotonic()
    alarm.deadline.set(SOON)
    alarm.deadline.set(3 * SOON)

    assert await alarm.rings()
    assert monotonic() - start >= 3 * SOON - 0.002


async def test_it_can_be_drawn_nearer() -> None:
    alarm = Alarm()
    alarm.deadline.set(LATE)
    alarm.deadline.set(SOON)

    assert await alarm.rings()


async def test_what_is_cleared_does_not_come_and_can_be_set_again() -> None:
    alarm = Alarm()
    alarm.deadline.set(SOON)
    alarm.deadline.clear()

    assert not await alarm.rings(within=3 * SOON)
    alarm.deadline.set(SOON)
    assert await alarm.rings()


async def test_after_its_end_it_never_comes() -> None:
    alarm = Alarm()
    alarm.deadline.close()
    alarm.deadline.set(SOON)
    alarm.deadline.close()

    assert not await alarm.rings(within=3 * SOON)
