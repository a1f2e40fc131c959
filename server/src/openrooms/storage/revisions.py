"""Noticing what another process has changed: a number for each thing that is held in memory.

Whoever changes such a thing raises its number in the same transaction. Every process looks at the
numbers twice a second, so a change is everywhere within one second.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from sqlalchemy import Connection, bindparam, insert, select, update

from openrooms.storage.database import Database
from openrooms.storage.errors import DatabaseAway
from openrooms.storage.schema import revision

SECONDS = 0.4
log = structlog.get_logger(__name__)

_RAISE = (
    update(revision)
    .where(revision.c.what == bindparam("of"))
    .values(number=revision.c.number + 1)
    .returning(revision.c.number)
)
_FIRST = insert(revision)
_ONE = select(revision.c.number).where(revision.c.what == bindparam("of"))
_ALL = select(revision.c.what, revision.c.number)


def raise_revision(connection: Connection, what: str) -> None:
    """Note a change, in its transaction. Two changes of one thing follow each other by this row."""
    if connection.execute(_RAISE, {"of": what}).scalar() is None:
        connection.execute(_FIRST, {"what": what, "number": 1})


def find_revision(connection: Connection, what: str) -> int:
    """How often the thing has been changed."""
    return connection.execute(_ONE, {"of": what}).scalar() or 0


def find_revisions(connection: Connection) -> Mapping[str, int]:
    """How often each thing has been changed."""
    return {row.what: row.number for row in connection.execute(_ALL)}


class Revisions:
    """Has things read anew when their numbers have been raised."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._readers: dict[str, Callable[[], Awaitable[None]]] = {}
        self._seen: dict[str, int] = {}

    def watch(self, what: str, read: Callable[[], Awaitable[None]]) -> None:
        """Call `read` for each change from now on. Called while the parts are put together."""
        self._readers[what] = read

    async def look(self) -> None:
        """Look once, and have read anew what was changed since the last look."""
        found = await self._database.read(find_revisions)
        for what, read in self._readers.items():
            number = found.get(what, 0)
            if number != self._seen.get(what):
                await read()
                self._seen[what] = number

    async def run(self) -> None:
        """Look twice a second, for ever."""
        while True:
            try:
                await self.look()
            except DatabaseAway as error:
                # What was read last holds on meanwhile.
                log.debug("revisions_unread", why=type(error).__name__)
            except Exception:
                # The top of a task. What cannot be read now may be readable after the next change.
                log.exception("revisions_failed")
            await asyncio.sleep(SECONDS)
