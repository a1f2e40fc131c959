"""What callers can do with surveys: read them. Clients hand them in (`surveying`)."""

from datetime import timedelta
from functools import partial

from openrooms.calling.records.errors import NoSuchCallId, NoSuchUser
from openrooms.calling.records.model import Page
from openrooms.calling.records.service import DEFAULT_KEPT, PAGE
from openrooms.calling.surveys import store
from openrooms.calling.surveys.model import Survey
from openrooms.kernel.clock import Clock
from openrooms.kernel.identifiers import is_guid, parse_user
from openrooms.storage.database import Database


class Surveys:
    """Surveys. `kept`: how long each stays after it was handed in."""

    def __init__(self, database: Database, clock: Clock, *, kept: timedelta = DEFAULT_KEPT) -> None:
        self._database = database
        self._clock = clock
        self._kept = kept

    async def surveys(
        self,
        resource_id: str,
        *,
        call_id: str | None = None,
        user: str | None = None,
        after: int | None = None,
        size: int = PAGE,
    ) -> Page[Survey, int]:
        """Surveys, of one call or of one user if they are named, newest first.

        Raises `NoSuchCallId` or `NoSuchUser`.
        """
        if call_id is not None and not is_guid(call_id):
            raise NoSuchCallId
        if user is not None and parse_user(user) is None:
            raise NoSuchUser
        found = partial(
            store.list_surveys,
            resource_id=resource_id,
            call_id=None if call_id is None else call_id.lower(),
            raw_id=user,
            after=after,
            size=size,
        )
        return await self._database.read(found)

    async def sweep(self) -> bool:
        """Drop some of what has been kept long enough; whether there may be more of it."""
        now = self._clock()
        dropped = partial(store.drop, until=now - self._kept, latest=now + self._kept)
        return await self._database.write(dropped)
