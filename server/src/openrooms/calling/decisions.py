"""Writes decisions about calls, and hands on what follows from each right after its commit."""

from collections.abc import Callable
from typing import TypeVar

from openrooms.calling.consequences import Consequence, Follower
from openrooms.storage.database import Connection, Database
from openrooms.storage.errors import DatabaseBusy, DatabaseLocked

AGAIN = 2

T = TypeVar("T")


class Decisions:
    """The one way by which calls are changed.

    A decision is a transaction that gives what follows from it, or raises. Its followers hear of
    that in the order of the commits, whether or not the caller still waits.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._followers: list[Follower] = []
        self._stirred: Callable[[], None] = _nothing

    def report_to(self, follower: Follower) -> None:
        """Have it hear of everything, after those who asked before."""
        self._followers.append(follower)

    def stir(self, stirred: Callable[[], None]) -> None:
        """Call `stirred` after each decision from now on, whatever follows from it."""
        self._stirred = stirred

    def follow(self, outcome: object) -> None:
        """Hand on what a transaction returned, after its commit."""
        self._stirred()
        if isinstance(outcome, list) and outcome:
            for follower in self._followers:
                follower.follow(outcome)

    async def decide(self, transaction: Callable[[Connection], list[Consequence]]) -> None:
        await self._database.write(transaction, then=self.follow)

    async def decide_and_answer(
        self,
        transaction: Callable[[Connection], tuple[T, list[Consequence]]],
        *,
        then: Callable[[T], None] | None = None,
    ) -> T:
        """The same for a decision with an answer. `then` is called with it after the commit."""

        def committed(written: tuple[T, list[Consequence]]) -> None:
            self.follow(written[1])
            if then is not None:
                then(written[0])

        # A crowd that comes at once waits in line for longer than one change may: nothing has begun
        # of what the line refuses, so it is put there once more.
        for _ in range(AGAIN):
            try:
                return (await self._database.write(transaction, then=committed))[0]
            except DatabaseLocked:
                # Somebody holds what it needs, and has for seconds: who asks hears it now.
                raise
            except DatabaseBusy:
                continue
        return (await self._database.write(transaction, then=committed))[0]

    @property
    def database_is_away(self) -> bool:
        return not self._database.usable

    async def read(self, query: Callable[[Connection], T]) -> T:
        return await self._database.read(query)

    async def look(self, query: Callable[[Connection], T]) -> T:
        """The same for a row or two that are found by their key, which takes no thread."""
        return await self._database.look(query)

    async def write(self, transaction: Callable[[Connection], None]) -> None:
        """Note something from which nothing follows."""
        await self._database.write(transaction)


def _nothing() -> None:
    """What is stirred until something asks to be."""
