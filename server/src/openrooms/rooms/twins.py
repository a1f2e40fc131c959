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
        self._running: dict[Key, asyncio.Event] = {}

    def turn(self, resource_id: str, repeat: Repeat | None) -> "Turn":
        """What a request does, it does inside of its turn. Raises `StillRunning` at the entrance."""
        key = None if repeat is None else (resource_id, repeat.request_id)
        return Turn(self._running, key, self._patience)


class Turn:
    """The first of several requests has it at once; the others, when the first has ended."""

    __slots__ = ("_ended", "_key", "_patience", "_running")

    def __init__(self, running: dict[Key, asyncio.Event], key: Key | None, patience: float) -> None:
        self._running = running
        self._key = key
        self._patience = patience
        self._ended: asyncio.Event | None = None

    async def __aenter__(self) -> None:
        if self._key is None:
            return
        first = self._running.get(self._key)
        if first is None:
            self._ended = self._running[self._key] = asyncio.Event()
            return
        try:
            async with asyncio.timeout(self._patience):
                await first.wait()
        except TimeoutError:
            raise StillRunning from None

    async def __aexit__(self, *_: object) -> None:
        if self._key is not None and self._ended is not None:
            del self._running[self._key]
            self._ended.set()
