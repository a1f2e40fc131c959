"""An event loop in a thread of its own, for rules that are plain functions."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from tests.fakes import FakeEngine

from .house import open_fake_house
from .order import SEATS
from .town import ROUNDS, Town

T = TypeVar("T")
PATIENCE = 30.0


class Loop:
    """The loop, with a house in it."""

    def __init__(self, folder: Path, database_url: str | None) -> None:
        self.engine = FakeEngine()
        self.rounds = ROUNDS
        self._loop = asyncio.new_event_loop()
        self._done: asyncio.Event
        self._thread = threading.Thread(
            target=self._loop.run_until_complete, args=(self._live(folder, database_url),)
        )
        ready = threading.Event()
        self._tell = ready.set
        self._thread.start()
        assert ready.wait(PATIENCE)

    async def _live(self, folder: Path, database_url: str | None) -> None:
        self._done = asyncio.Event()
        opening = open_fake_house(
            folder,
            database_url,
            self.engine,
            most_legs=SEATS,
            seconds=lambda world: world.seconds,
        )
        async with opening as self.house, asyncio.TaskGroup() as self.tasks:
            self._tell()
            await self._done.wait()

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do it in the loop, and wait."""

        async def bounded() -> T:
            async with asyncio.timeout(PATIENCE):
                return await work()

        return asyncio.run_coroutine_threadsafe(bounded(), self._loop).result()

    def town(self, size: int) -> Town:
        made = self.run(partial(Town.found, self.house, self.engine, self.tasks, size=size))
        made.rounds = self.rounds
        return made

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join()
        self._loop.close()
