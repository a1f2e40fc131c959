"""A service that delivers events, for tests: everything real but the time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from support.receiver import Receiver
from tests.calling.records.archive import Archive

from openrooms.events.webhooks.courier import Courier
from openrooms.events.webhooks.deliveries import Deliveries
from openrooms.events.webhooks.model import Undelivered, Webhook
from openrooms.events.webhooks.service import Webhooks


@dataclass(slots=True)
class Post:
    """Those who make events, and what delivers them."""

    archive: Archive
    deliveries: Deliveries

    @property
    def webhooks(self) -> Webhooks:
        return self.archive.house.webhooks

    @property
    def resource_id(self) -> str:
        return self.archive.house.resource_id

    async def subscribe(self, receiver: Receiver, *types: str, form: str = "eventgrid") -> Webhook:
        return await self.webhooks.add(self.resource_id, receiver.url, form=form, types=types)

    @asynccontextmanager
    async def delivering(self) -> AsyncIterator[None]:
        house = self.archive.house
        async with Courier(self.webhooks, self.deliveries, house.clock).running():
            yield

    async def left(self, *, dead: bool = False) -> list[Undelivered]:
        """What is not delivered, in order."""
        await self.deliveries.queue(self.resource_id)
        found = self.deliveries.undelivered(self.resource_id, dead=dead, size=100)
        return list(await found)

    async def until(self, look: Callable[[list[Undelivered]], bool], *, dead: bool = False) -> None:
        """Return once it is so of what is left; each look waits for the database."""
        async with asyncio.timeout(20):
            while not look(await self.left(dead=dead)):
                pass


async def came(receiver: Receiver, number: int) -> list[str]:
    """The names of what has come, once there are so many."""
    await asyncio.to_thread(receiver.wait, lambda one: len(one.events) >= number)
    return receiver.kinds
