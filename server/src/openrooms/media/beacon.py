"""Says where the engine is, while there is one, and what is wrong while there is none."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from openrooms.media.errors import EngineAway

log = structlog.get_logger(__name__)


class Beacon:
    """Lit while an engine is ready. Whoever keeps the engine lights it and puts it out."""

    def __init__(self) -> None:
        self._lit = asyncio.Event()
        self._url = ""
        self._lives = 0
        self._trouble = "it is starting"
        self._watchers: list[Callable[[], Awaitable[None]]] = []
        self._mourners: list[Callable[[], None]] = []

    @property
    def lives(self) -> int:
        """How many engines there have been, one after the other."""
        return self._lives

    @property
    def trouble(self) -> str | None:
        """What is wrong, for an operator; None while an engine is ready."""
        return None if self._lit.is_set() else self._trouble

    def watch(self, watcher: Callable[[], Awaitable[None]]) -> None:
        """Have `watcher` called each time a new engine, which knows no rooms, took over."""
        self._watchers.append(watcher)

    def on_loss(self, mourner: Callable[[], None]) -> None:
        """Have `mourner` called each time there is no engine any more."""
        self._mourners.append(mourner)

    async def ready(self, *, within: float) -> str:
        """The engine's URL as soon as it is ready. Raises `EngineAway` after `within` seconds."""
        try:
            async with asyncio.timeout(within):
                await self._lit.wait()
        except TimeoutError:
            raise EngineAway("the media engine is not running") from None
        return self._url

    def light(self, url: str) -> None:
        """A new engine is ready."""
        self._url = url
        self._lives += 1
        self._lit.set()

    def put_out(self, trouble: str) -> None:
        self._trouble = trouble
        if self._lit.is_set():
            self._lit.clear()
            for mourner in self._mourners:
                mourner()

    async def tell(self) -> None:
        """Tell the watchers of an engine that took over from another."""
        if self._lives == 1:
            return
        for watcher in self._watchers:
            try:
                await watcher()
            except Exception:
                log.exception("engine_watcher_failed")
