"""The door to the database: one way to write, one way to read, the same for every database."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from openrooms.storage.folder import hold_folder
from openrooms.storage.sqlite import FILE_NAME, open_sqlite

# Connection: services name it in transactions; only storage and stores import SQLAlchemy.
__all__ = ["Connection", "Database", "open_database"]

T = TypeVar("T")


class Database(Protocol):
    """What callers can do with the database.

    A transaction is a plain function of a connection. It touches nothing else, because it may
    run again, and it neither commits nor rolls back: what it raises undoes it, alone.
    Both methods raise `DatabaseAway`, or one of its kinds, when no answer comes in time.
    """

    async def write(
        self,
        transaction: Callable[[Connection], T],
        /,
        then: Callable[[T], None] | None = None,
        *,
        brief: bool = False,
    ) -> T:
        """Run a transaction; return once it is safe on the disk.

        `then` is called with its result right after the commit, in the order of the commits, also
        when the caller has been cancelled or has been told `OutcomeUnknown` meanwhile.

        `brief` says that the transaction is a handful of statements that find their rows by key.
        Where the database is a file of this machine they are run at once then, by the loop, which
        waits for nothing but the disk's sync; so nothing longer may.
        """

    async def read(self, query: Callable[[Connection], T], /) -> T:
        """Run a query on a snapshot, beside the writer."""

    async def look(self, query: Callable[[Connection], T], /) -> T:
        """Run a query of one statement that finds a row or two by their key.

        Where the database is a file of this machine that happens at once, so nothing longer may.
        """

    def hear(self, heard: Callable[[], None], /) -> None:
        """Call it in the caller's loop when another process has changed something (`hints`)."""

    @property
    def usable(self) -> bool:
        """Whether work is being done now.

        False while the database is away, and after a fault that only a restart mends.
        """


@asynccontextmanager
async def open_database(
    folder: Path, url: str | None = None, *, runs_calls: bool = False
) -> AsyncGenerator[Database]:
    """Hold the data directory `folder`, bring the database up to date, and close it cleanly.

    The database is a file in that folder, or PostgreSQL at the URL; there, `runs_calls` says that
    this process wants to be the one that runs the calls.
    """
    with hold_folder(folder):
        async with _open(folder, url, runs_calls=runs_calls) as database:
            yield database


def _open(
    folder: Path, url: str | None, *, runs_calls: bool
) -> AbstractAsyncContextManager[Database]:
    if url is None:
        return open_sqlite(folder / FILE_NAME)
    # Loaded only where it is used: it costs memory.
    from openrooms.storage.postgres.adapter import open_postgres  # noqa: PLC0415

    return open_postgres(url, runs_calls=runs_calls)
