"""All that a server has written down, as its database has it: whether a request changed a bit of it."""

import sqlite3
from collections.abc import Iterator
from typing import TypeAlias

import psycopg
from sqlalchemy import Table

from openrooms.storage.schema import (
    deleted_resource,
    event,
    host_name,
    identity,
    invitation,
    resource,
    room,
)
from support.inputs.house import House

# What a request can change; what is known of repeats is not among it.
TABLES = (resource, deleted_resource, host_name, identity, room, invitation, event)
# Written some time after the request that it is of.
LATER = frozenset({"last_token_issued_at", "sequence"})
LARGEST = 2**32

Page: TypeAlias = tuple[object, ...]


class Books:
    """One server's books, read without its help. They are summed up anew only when they were written."""

    def __init__(self, house: House) -> None:
        self._connection = (
            _file_of(house) if house.database is None else _session_of(house.database)
        )
        self._at: Page = ()
        self._summed: list[Page] = []

    def close(self) -> None:
        self._connection.close()

    def sums(self) -> list[Page]:
        """How many rows each table has, and a sum over every column of every row."""
        at = next(self._ask(self._mark()))
        if at != self._at:
            self._summed = [row for table in TABLES for row in self._ask(self._sum(table))]
            self._at = at
        return self._summed

    def _mark(self) -> str:
        """What says something else after each write."""
        if isinstance(self._connection, sqlite3.Connection):
            return "PRAGMA data_version"
        return "SELECT pg_current_wal_insert_lsn()::text"

    def _sum(self, table: Table) -> str:
        columns = ", ".join(one.name for one in table.columns if one.name not in LATER)
        digest = f"digest({columns})"
        if not isinstance(self._connection, sqlite3.Connection):
            digest = f"hashtextextended(ROW({columns})::text, 0)"
        return f"SELECT '{table.name}', count(*), sum({digest}) FROM {table.name}"  # noqa: S608 - of our own names

    def _ask(self, statement: str) -> Iterator[Page]:
        if isinstance(self._connection, sqlite3.Connection):
            yield from self._connection.execute(statement)
        else:
            yield from self._connection.execute(statement.encode())


def _file_of(house: House) -> sqlite3.Connection:
    file = f"file:{house.server.data / 'openrooms.db'}?mode=ro"
    connection = sqlite3.connect(file, uri=True, check_same_thread=False)
    connection.create_function("digest", -1, _digest, deterministic=True)
    return connection


def _session_of(database: str) -> psycopg.Connection[Page]:
    return psycopg.connect(database, autocommit=True)


def _digest(*row: object) -> int:
    return hash(row) % LARGEST
