"""What callers can do with events: read them again, and drop what has been kept long enough."""

from datetime import timedelta
from functools import partial

import structlog

from openrooms.events import store
from openrooms.events.counting import count
from openrooms.events.model import KeptEvent, Page
from openrooms.kernel.clock import Clock
from openrooms.storage.database import Connection, Database
from openrooms.storage.errors import DatabaseAway

PAGE = 100
DEFAULT_KEPT = timedelta(days=7)
# How often one reader counts what nobody has counted yet: what is left is the next one's.
MOST_ROUNDS = 10

log = structlog.get_logger(__name__)


class Events:
    """The events of all resources. `kept`: how long each can be read again."""

    def __init__(self, database: Database, clock: Clock, *, kept: timedelta = DEFAULT_KEPT) -> None:
        self._database = database
        self._clock = clock
        self._kept = kept

    async def list_events(self, resource_id: str, *, after: int = 0, size: int = PAGE) -> Page:
        """Events of the resource in their order, from the one after a sequence on."""
        for _ in range(MOST_ROUNDS):
            # Asked before the page is read: what another counts in between is in it.
            may_lack = await self._count(resource_id)
            page = await self._page(resource_id, after=after, size=size)
            if page.next is not None or not may_lack:
                return page
        return await self._page(resource_id, after=after, size=size)

    async def latest(self, resource_id: str, size: int) -> tuple[KeptEvent, ...]:
        """The last events of the resource, the latest first."""
        for _ in range(MOST_ROUNDS):
            if not await self._count(resource_id):
                break
        return await self._database.read(partial(store.latest, resource_id=resource_id, size=size))

    async def sweep(self) -> bool:
        """Drop some of what has been kept long enough; whether there may be more of it."""
        now = self._clock()
        drop = partial(store.drop, until=now - self._kept, latest=now + self._kept)
        return await self._database.write(drop)

    async def forget_resource(self, resource_id: str) -> None:
        """Drop the events of a deleted resource, a few at a time."""
        while await self._database.write(partial(store.drop_of_resource, resource_id=resource_id)):
            pass

    async def _count(self, resource_id: str) -> bool:
        """Give events that have none their sequence; whether there were any, or another gave it."""
        if not await self._database.look(partial(store.has_uncounted, resource_id=resource_id)):
            return False
        try:
            await self._database.write(partial(count, resource_id=resource_id, now=self._clock()))
        except DatabaseAway as error:
            # What has a sequence can be read while nothing can be written, on a full disk.
            log.debug("events_uncounted", why=type(error).__name__)
            return False
        return True

    async def _page(self, resource_id: str, *, after: int, size: int) -> Page:
        def find(connection: Connection) -> Page:
            return store.list_events(connection, resource_id, after=after, size=size)

        return await self._database.read(find)
