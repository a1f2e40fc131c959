"""What is left to do once a resource is deleted: its calls end, and what it had is dropped."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import structlog

from openrooms.events.service import Events
from openrooms.events.webhooks.service import Webhooks
from openrooms.identity.resources import Resources
from openrooms.rooms.service import Rooms
from openrooms.storage.errors import DatabaseAway

AGAIN_SECONDS = 5.0
log = structlog.get_logger(__name__)


class RunsCalls(Protocol):
    """Whoever runs the calls of resources."""

    async def end_resource(self, resource_id: str) -> None:
        """Sign out everyone of a deleted resource, and end its calls."""


@dataclass(frozen=True, slots=True)
class Farewell:
    """Works in the background. What is not done when the server stops is done by the next one."""

    resources: Resources
    rooms: Rooms
    events: Events
    webhooks: Webhooks
    calls: RunsCalls
    _gone: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    def begin(self, resource_id: str) -> None:
        """Note that a resource is deleted."""
        self._gone.put_nowait(resource_id)

    async def run(self) -> None:
        """First what is left of earlier deletions; then each new one, for ever."""
        await self._insist(self._catch_up)
        while True:
            resource_id = await self._gone.get()
            await self._insist(partial(self._take_leave, resource_id))

    async def _catch_up(self) -> None:
        for resource_id in await self.resources.ended():
            await self._drop(resource_id)

    async def _take_leave(self, resource_id: str) -> None:
        await self.calls.end_resource(resource_id)
        await self._drop(resource_id)
        log.info("resource_dropped", resource=resource_id)

    async def _drop(self, resource_id: str) -> None:
        await self.rooms.forget_resource(resource_id)
        await self.webhooks.forget_resource(resource_id)
        await self.events.forget_resource(resource_id)
        await self.resources.forget(resource_id)

    async def _insist(self, deed: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await deed()
            except DatabaseAway as error:
                log.warning("farewell_delayed", why=type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)
            except Exception:
                # The top of a task. The next server does what is left.
                log.exception("farewell_failed")
                return
            else:
                return
