"""Repeatable requests that are under way in this process: a second one waits for the first.

A file of its own: it is neither a rule nor an operation, and keeps nothing that must last. What two
processes do at once, the database's unique key settles in the same way.
"""

import asyncio
from typing import TypeAlias

from openrooms.rooms.errors import StillRunning
from openrooms.rooms.model import Repeat

PATIENCE_SECONDS = 2.0

Key: TypeAlias = tuple[str, str]


class Twins:
    """The requests under way, each by its resource and its request id."""

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        # With what tells of its end, where anybody waits for that.
        self._running: dict[Key, asyncio.Future[None] | None] = {}

    def turn(self, resource_id: str, repeat: Repeat | None) -> "Turn":
        """What a request does, it does inside of its turn. Raises `StillRunning` at the entrance."""
        key = None if repeat is None else (resource_id, repeat.request_id)
        return Turn(self._running, key, self._patience)


class Turn:
    """The first of several requests has it at once; the others, when the first has ended."""

    __slots__ = ("_is_first", "_key", "_patience", "_running")

    def __init__(
        self, running: dict[Key, "asyncio.Future[None] | None"], key: Key | None, patience: float
    ) -> None:
        self._running = running
        self._key = key
        self._patience = patience
        self._is_first = False

    async def __aenter__(self) -> None:
        if self._key is None:
            return
        if self._key not in self._running:
            self._running[self._key] = None
            self._is_first = True
            return
        ended = self._running[self._key]
        if ended is None:
            ended = self._running[self._key] = asyncio.get_running_loop().create_future()
        # Leaves the future alone whatever comes, and needs no task of its caller.
        done, _ = await asyncio.wait([ended], timeout=self._patience)
        if not done:
            raise StillRunning

    async def __aexit__(self, *_: object) -> None:
        if self._key is None or not self._is_first:
            return
        ended = self._running.pop(self._key)
        if ended is not None:
            ended.set_result(None)
