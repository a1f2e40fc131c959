"""When users' last tokens were issued: known at once, written a moment later and many together.

A file of its own: a token is complete without it, so nobody who asks for one waits for the disk.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial

import structlog

from openrooms.identity import store
from openrooms.kernel.identifiers import CommunicationUser
from openrooms.storage.database import Database
from openrooms.storage.errors import DatabaseAway

# How long moments are gathered; how long after a failure it is tried again.
SECONDS, AGAIN_SECONDS = 1.0, 5.0
# Few enough for others who write to get a word in.
AT_ONCE = 100
# So many pile up only while nothing can be written; then the oldest are given up.
MOST = 10_000

log = structlog.get_logger(__name__)


class Moments:
    """The moments that are not written yet. A process that is killed takes them with it."""

    def __init__(self, database: Database, *, again: float = AGAIN_SECONDS) -> None:
        self._database = database
        self._again = again
        self._noted: dict[CommunicationUser, datetime] = {}
        self._some = asyncio.Event()

    def note(self, user: CommunicationUser, at: datetime) -> None:
        """Keep the moment of a token, until it is written."""
        self._noted[user] = at
        if len(self._noted) > MOST:
            del self._noted[next(iter(self._noted))]
        self._some.set()

    def of(self, user: CommunicationUser) -> datetime | None:
        """The user's moment, if it is not written yet."""
        return self._noted.get(user)

    async def write(self) -> None:
        """Write all that is noted now."""
        noted = list(self._noted.items())
        for start in range(0, len(noted), AT_ONCE):
            some = noted[start : start + AT_ONCE]
            await self._database.write(partial(store.note_tokens, moments=some))
            for user, at in some:
                # Another may have been issued meanwhile.
                if self._noted.get(user) == at:
                    del self._noted[user]
        if not self._noted:
            self._some.clear()

    @asynccontextmanager
    async def writing(self, every: float = SECONDS) -> AsyncIterator[None]:
        """Write them again and again, and what is left at the end."""
        async with asyncio.TaskGroup() as tasks:
            writer = tasks.create_task(self._write_on(every))
            try:
                yield
            finally:
                writer.cancel()
                await self._try()

    async def _write_on(self, every: float) -> None:
        while True:
            await self._some.wait()
            await asyncio.sleep(every)
            if not await self._try():
                await asyncio.sleep(self._again)

    async def _try(self) -> bool:
        try:
            await self.write()
        except DatabaseAway as error:
            why, count = type(error).__name__, len(self._noted)
            log.warning("token_moments_delayed", why=why, count=count)
            return False
        except Exception:
            # The top of a task. Nothing else is worse for it.
            log.exception("token_moments_failed")
            return False
        return True
