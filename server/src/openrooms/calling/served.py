"""How long calls have been served: the time that intervals are measured in.

It goes on while a process serves, from where the last one left it. So it stands still while nobody
serves, and nothing happens when the machine's clock is set. It has the form of a moment: so long
after 1970.
"""

from datetime import datetime, timedelta

from openrooms.calling import timer_store
from openrooms.kernel.clock import Monotonic
from openrooms.storage.database import Connection, Database

# It is kept more often than this while an interval runs.
STALE = timedelta(seconds=10)


class Served:
    """The time for which calls have been served until now."""

    def __init__(self, monotonic: Monotonic, before: datetime) -> None:
        self._monotonic = monotonic
        self._before = before
        self._since = monotonic()
        self._kept = before

    def __call__(self) -> datetime:
        return self._before + timedelta(seconds=self._monotonic() - self._since)

    def after(self, connection: Connection, interval: timedelta) -> datetime:
        """When an interval ends that begins now, in this transaction.

        Without an interval there is nothing to keep the time for; the first one has it kept, or a
        crash right after it would leave more of it than there was.
        """
        now = self()
        if now - self._kept > STALE:
            timer_store.keep_served(connection, now)
        return now + interval

    def note_kept(self, at: datetime) -> None:
        """It was kept that calls were served until then."""
        self._kept = max(self._kept, at)


async def open_served(database: Database, monotonic: Monotonic) -> Served:
    """Go on from what the last process has kept."""
    return Served(monotonic, await database.read(timer_store.served))
