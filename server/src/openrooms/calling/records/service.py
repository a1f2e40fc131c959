"""What callers can do with the record of calls: read it. It is written by the calls themselves."""

from datetime import datetime, timedelta
from functools import partial

from openrooms.calling.records import store
from openrooms.calling.records.errors import CallNotFound, NoSuchUser
from openrooms.calling.records.model import Anchor, KeptCall, KeptLeg, Page, Refusal
from openrooms.kernel.clock import Clock
from openrooms.kernel.identifiers import is_guid, parse_user
from openrooms.rooms.model import parse_room_id
from openrooms.storage.database import Connection, Database

PAGE = 100
DEFAULT_KEPT = timedelta(days=90)


class Records:
    """The record of calls. `kept`: how long after its end a call, or a refusal, stays in it."""

    def __init__(self, database: Database, clock: Clock, *, kept: timedelta = DEFAULT_KEPT) -> None:
        self._database = database
        self._clock = clock
        self._kept = kept

    async def calls(
        self,
        resource_id: str,
        *,
        room_id: str | None = None,
        after: Anchor | None = None,
        size: int = PAGE,
    ) -> Page[KeptCall, Anchor]:
        """Calls, of one room if it is named, newest first. Raises the `RoomError` of a malformed id."""
        number = None if room_id is None else parse_room_id(room_id)
        found = partial(
            store.list_calls, resource_id=resource_id, room_id=number, after=after, size=size
        )
        return await self._database.read(found)

    async def call(self, resource_id: str, call_id: str) -> KeptCall:
        """One call. Raises `CallNotFound`."""
        found = partial(_existing, resource_id=resource_id, call_id=call_id)
        return await self._database.read(found)

    async def legs(
        self, resource_id: str, call_id: str, *, after: Anchor | None = None, size: int = PAGE
    ) -> Page[KeptLeg, Anchor]:
        """Everyone who was in a call, in the order of coming. Raises `CallNotFound`."""

        def find(connection: Connection) -> Page[KeptLeg, Anchor]:
            known = _existing(connection, resource_id=resource_id, call_id=call_id)
            return store.list_legs(connection, known.id, after=after, size=size)

        return await self._database.read(find)

    async def refusals(
        self,
        resource_id: str,
        *,
        user: str | None = None,
        after: int | None = None,
        size: int = PAGE,
    ) -> Page[Refusal, int]:
        """Refused joins, of one user if he is named, newest first. Raises `NoSuchUser`."""
        if user is not None and parse_user(user) is None:
            raise NoSuchUser
        found = partial(
            store.list_refusals, resource_id=resource_id, raw_id=user, after=after, size=size
        )
        return await self._database.read(found)

    async def sweep(self) -> bool:
        """Drop some of what has been kept long enough; whether there may be more of it.

        Short transactions, so that nobody has to wait for it.
        """
        now = self._clock()
        refusals = await self._database.write(
            partial(store.drop_refusals, until=self._until(now), latest=now + self._kept)
        )
        calls = await self._database.write(partial(store.drop_calls, until=self._until(now)))
        return refusals or calls

    def _until(self, now: datetime) -> datetime:
        return now - self._kept


def _existing(connection: Connection, *, resource_id: str, call_id: str) -> KeptCall:
    known = store.find_call(connection, resource_id, call_id) if is_guid(call_id) else None
    if known is None:
        raise CallNotFound
    return known
