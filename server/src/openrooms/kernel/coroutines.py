"""Coroutines that begin at once: one that waits for nothing never costs a task."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextvars import copy_context
from functools import partial
from typing import Any, Generic, TypeVar

T = TypeVar("T")


# Any: what a coroutine yields and is sent lies between it and the loop.
def start(
    coroutine: Coroutine[Any, Any, T], make_task: Callable[..., asyncio.Task[T]]
) -> T | asyncio.Task[T]:
    """Run it up to its first wait: what came of it, or the task in which it goes on.

    `make_task` is the loop's `create_task`, or that of a group; the caller looks after the task.
    It sees no current task until then, so what needs one (`asyncio.timeout`, a task group) comes
    after `in_task`.
    """
    context = copy_context()
    try:
        waits_for = context.run(coroutine.send, None)
    except StopIteration as end:
        result: T = end.value
        return result
    task = make_task(_finish(_Rest(coroutine, waits_for)), context=context)
    # One that is cancelled before its first step would never tell what has begun already.
    task.add_done_callback(lambda _: coroutine.close())
    return task


async def in_task() -> None:
    """Go on in a task."""
    await asyncio.sleep(0)


async def _finish(rest: "_Rest[T]") -> T:
    return await rest


class _Rest(Generic[T]):
    """What is left of a coroutine that has begun and waits."""

    def __init__(self, coroutine: Coroutine[Any, Any, T], waits_for: object) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, T]:
        waits_for = self._waits_for
        while True:
            try:
                step = partial(self._coroutine.send, (yield waits_for))
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is the coroutine's
                step = partial(self._coroutine.throw, error)
            try:
                waits_for = step()
            except StopIteration as end:
                result: T = end.value
                return result
