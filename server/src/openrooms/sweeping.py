"""Drops what has been kept long enough."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

import structlog

from openrooms.storage.errors import DatabaseAway

SWEEP_SECONDS = 60.0
# Between two steps of a sweep that has much to do.
BREATH_SECONDS = 0.05

log = structlog.get_logger(__name__)


class Sweeper(Protocol):
    """Whoever keeps something for a time."""

    async def sweep(self) -> bool:
        """Drop some of it; whether there may be more."""


@asynccontextmanager
async def sweeping(*sweepers: Sweeper) -> AsyncIterator[None]:
    """Have each of them sweep: a little at a time, so that nobody has to wait for it."""

    async def sweep() -> None:
        while True:
            more = False
            try:
                for one in sweepers:
                    more = await one.sweep() or more
            except DatabaseAway as error:
                log.warning("sweep_failed", why=type(error).__name__)
            await asyncio.sleep(BREATH_SECONDS if more else SWEEP_SECONDS)

    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(sweep())
        try:
            yield
        finally:
            running.cancel()
