"""Spans of transactions. Loaded only when traces are made."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from opentelemetry.trace import SpanKind, Tracer
from sqlalchemy import Connection

from openrooms.storage.database import Database

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TracedDatabase:
    """A database with a span for each transaction: from being asked for to being answered."""

    _database: Database
    _tracer: Tracer

    async def write(
        self,
        transaction: Callable[[Connection], T],
        /,
        then: Callable[[T], None] | None = None,
        *,
        brief: bool = False,
    ) -> T:
        writing = self._database.write(transaction, then, brief=brief)
        return await self._trace("write", transaction, writing)

    async def read(self, query: Callable[[Connection], T], /) -> T:
        return await self._trace("read", query, self._database.read(query))

    async def look(self, query: Callable[[Connection], T], /) -> T:
        return await self._trace("look", query, self._database.look(query))

    def hear(self, heard: Callable[[], None], /) -> None:
        self._database.hear(heard)

    @property
    def usable(self) -> bool:
        return self._database.usable

    async def _trace(self, kind: str, work: Callable[[Connection], T], doing: Awaitable[T]) -> T:
        # What an exception says may hold a caller's input; its kind does not.
        with self._tracer.start_as_current_span(
            f"database {kind}",
            kind=SpanKind.CLIENT,
            attributes={"openrooms.transaction": name_of(work)},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                return await doing
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                raise


def name_of(work: Callable[..., object]) -> str:
    """What a transaction is called in the code."""
    while isinstance(work, partial):
        work = work.func
    return getattr(work, "__name__", type(work).__name__).strip("_")
