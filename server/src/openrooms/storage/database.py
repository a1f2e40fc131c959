"""The door to the database: one way to write, one way to read, the same for every database."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from openrooms.storage.folder import hold_folder
from openrooms.storage.sqlite import open_sqlite

# Connection: services name it in transactions; only storage and stores import SQLAlchemy.
__all__ = ["Connection", "Database", "open_database"]

T = TypeVar("T")


class Database(Protocol):
    """What callers can do with the database.

    A transaction is a plain function of a connection. It touches nothing else, because it may
    run twice, and it neither commits nor rolls back: what it raises undoes it, alone.
    Both methods raise `DatabaseAway`, or one of its kinds, when no answer comes in time.
    """

    async def write(
        self, transaction: Callable[[Connection], T], /, then: Callable[[T], None] | None = None
    ) -> T:
        """Run a transaction; return once it is safe on the disk.

        `then` is called with its result right after the commit, in the order of the commits, also
        when the caller has been cancelled or has been told `OutcomeUnknown` meanwhile.
        """

    async def read(self, query: Callable[[Connection], T], /) -> T:
        """Run a query on a snapshot, beside the writer."""

    @property
    def usable(self) -> bool:
        """Whether work is being done; False after a fault that only a restart mends."""


@asynccontextmanager
async def open_database(folder: Path) -> AsyncGenerator[Database]:
    """Hold the data directory `folder`, bring its database up to date, and close it cleanly."""
    with hold_folder(folder):
        async with open_sqlite(folder / "openrooms.db") as database:
            yield database
