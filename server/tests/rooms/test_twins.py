"""Of several requests with one id, the first goes on, and the others wait for it."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import anyio
import pytest

from openrooms.rooms.errors import StillRunning
from openrooms.rooms.model import Repeat
from openrooms.rooms.twins import Twins

pytestmark = pytest.mark.anyio

ONE, OTHER = Repeat("1", b"digest"), Repeat("2", b"digest")


async def test_a_twin_goes_on_when_the_first_has_ended() -> None:
    twins, told = Twins(patience=10), list[str]()

    async def second() -> None:
        async with twins.turn("ours", ONE):
            told.append("second")

    async with anyio.create_task_group() as tasks, twins.turn("ours", ONE):
        tasks.start_soon(second)
        await anyio.lowlevel.checkpoint()
        told.append("first")

    assert told == ["first", "second"]


async def test_a_twin_needs_no_task_to_wait_in() -> None:
    loop, twins, told = asyncio.get_running_loop(), Twins(patience=10), list[str]()

    async def take(name: str, until: asyncio.Event) -> None:
        async with twins.turn("ours", ONE):
            told.append(name)
            await until.wait()

    def go_on(run: Coroutine[Any, None, None]) -> None:
        with suppress(StopIteration):
            run.send(None).add_done_callback(lambda _: go_on(run))

    going, gone = asyncio.Event(), asyncio.Event()
    gone.set()
    loop.call_soon(go_on, take("first", going))
    loop.call_soon(go_on, take("second", gone))
    loop.call_soon(going.set)
    async with asyncio.timeout(5):
        while len(told) < 2:
            await anyio.lowlevel.checkpoint()

    assert told == ["first", "second"]


async def test_a_twin_that_is_cancelled_takes_nobody_with_it() -> None:
    twins, told = Twins(patience=10), list[str]()

    async def wait(name: str) -> None:
        async with twins.turn("ours", ONE):
            told.append(name)

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks, twins.turn("ours", ONE):
        gone = tasks.create_task(wait("gone"))
        tasks.create_task(wait("stays"))
        await anyio.lowlevel.checkpoint()
        gone.cancel()
        await asyncio.wait([gone])

    assert told == ["stays"]


async def test_a_twin_does_not_wait_for_ever() -> None:
    twins = Twins(patience=0.01)

    async with twins.turn("ours", ONE):
        with pytest.raises(StillRunning):
            async with twins.turn("ours", ONE):
                pass


async def test_a_first_one_that_fails_ends_too() -> None:
    twins = Twins(patience=0.01)

    with pytest.raises(RuntimeError):
        async with twins.turn("ours", ONE):
            raise RuntimeError

    async with twins.turn("ours", ONE):
        pass


@pytest.mark.parametrize(
    ("resource_id", "repeat"), [("ours", OTHER), ("theirs", ONE), ("ours", None)]
)
async def test_other_requests_do_not_wait(resource_id: str, repeat: Repeat | None) -> None:
    twins = Twins(patience=0.01)

    async with twins.turn("ours", ONE), twins.turn(resource_id, repeat):
        pass


async def test_requests_that_are_not_repeatable_have_no_twins() -> None:
    twins = Twins(patience=0.01)

    async with twins.turn("ours", None), twins.turn("ours", None):
        pass
