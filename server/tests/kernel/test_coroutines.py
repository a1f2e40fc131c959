"""A coroutine that waits for nothing ends at once; any other goes on in a task as if in one all along."""

import asyncio
from contextvars import ContextVar
from typing import TypeVar

import pytest

from openrooms.kernel.coroutines import in_task, start

pytestmark = pytest.mark.anyio

T = TypeVar("T")
said: ContextVar[str] = ContextVar("said", default="nothing")


def begin(coroutine: "asyncio.Future[T] | object") -> object:
    return start(coroutine, asyncio.get_running_loop().create_task)  # type: ignore[arg-type]


async def test_what_waits_for_nothing_is_there_at_once() -> None:
    async def add(a: int, b: int) -> int:
        return a + b

    assert begin(add(1, 2)) == 3


async def test_what_it_raises_is_raised_at_once() -> None:
    async def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        begin(fail())


async def test_what_waits_goes_on_in_a_task() -> None:
    first: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    second: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def add() -> int:
        return await first + await second

    task = begin(add())
    assert isinstance(task, asyncio.Task)
    first.set_result(1)
    await asyncio.wait([task], timeout=0)
    second.set_result(2)

    assert await task == 3


async def test_what_it_waits_for_may_fail() -> None:
    waited: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def save() -> str:
        try:
            await waited
        except LookupError:
            return "saved"
        return "never"

    task = begin(save())
    waited.set_exception(LookupError())

    assert isinstance(task, asyncio.Task)
    assert await task == "saved"


async def test_it_is_cancelled_with_its_task() -> None:
    heard = []

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            heard.append("cancelled")
            raise

    task = begin(wait())
    assert isinstance(task, asyncio.Task)
    await asyncio.wait([task], timeout=0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert heard == ["cancelled"]


async def test_what_needs_a_task_comes_after_it_is_in_one() -> None:
    done = asyncio.Event()
    done.set()

    async def wait() -> str:
        await in_task()
        async with asyncio.timeout(5):
            await asyncio.wait_for(done.wait(), 5)
        return "in time"

    task = begin(wait())

    assert isinstance(task, asyncio.Task)
    assert await task == "in time"


async def test_what_it_sets_is_its_own() -> None:
    async def say() -> str:
        said.set("something")
        await in_task()
        return said.get()

    task = begin(say())

    assert said.get() == "nothing"
    assert isinstance(task, asyncio.Task)
    assert await task == "something"


async def test_one_that_is_cancelled_at_once_is_closed() -> None:
    heard = []

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            heard.append("closed")

    task = begin(wait())
    assert isinstance(task, asyncio.Task)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert heard == ["closed"]
