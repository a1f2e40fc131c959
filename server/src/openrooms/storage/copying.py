"""Copies a SQLite file into an empty PostgreSQL database: all of it, verified, or nothing."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql
from sqlalchemy import Boolean, Column, Connection, Table, func, select
from sqlalchemy.exc import DBAPIError

from openrooms.storage.errors import CopyFailed
from openrooms.storage.folder import hold_folder
from openrooms.storage.locks import lock_beginning
from openrooms.storage.migrate import HEAD, find_revision
from openrooms.storage.postgres.connections import Address, driver_of, make_engine, read_address
from openrooms.storage.postgres.preparing import SESSION, prepare, reason_of
from openrooms.storage.schema import metadata
from openrooms.storage.sqlite import FILE_NAME, open_engine

BATCH = 2000
PATIENCE = 5.0
DIGEST_BITS = 256


class Progress(Protocol):
    """Whoever wants to know how far it is."""

    def __call__(self, table: str, done: int, total: int) -> None: ...


@dataclass(slots=True)
class Tally:
    """How many rows a table has, and one number for all that is in them, in whatever order."""

    rows: int = 0
    digest: int = 0

    def add(self, row: Sequence[object]) -> None:
        said = hashlib.sha256(repr(tuple(row)).encode("utf-8", "surrogatepass")).digest()
        self.rows += 1
        self.digest = (self.digest + int.from_bytes(said)) % (1 << DIGEST_BITS)


def copy(folder: Path, url: str, tell: Progress) -> dict[str, int]:
    """Copy the database of a data directory; the number of rows by table.

    No server may work on the directory meanwhile. Raises a `StorageError` that says what is wrong;
    then nothing was copied.
    """
    file, address = folder / FILE_NAME, read_address(url)
    if not file.is_file():
        raise CopyFailed(f"Database {file}: not there. Name its data directory with --data.")
    with hold_folder(folder), open_engine(file, "BEGIN", PATIENCE).begin() as source:
        _check_source(source, file)
        prepare(address)
        try:
            with make_engine(address, SESSION).begin() as target:
                lock_beginning(target)
                _check_empty(target, address)
                return {
                    table.name: _copy_table(source, target, table=table, tell=tell)
                    for table in metadata.sorted_tables
                }
        except (DBAPIError, psycopg.Error) as error:
            said = f"Database {address}: {reason_of(error)}. Nothing was copied."
            raise CopyFailed(said) from error


def _check_source(source: Connection, file: Path) -> None:
    found = find_revision(source)
    if found != HEAD:
        raise CopyFailed(
            f"Database {file}: its schema is {found or 'none'}, not {HEAD}. "
            "Bring it up to date first: openrooms database migrate."
        )


def _check_empty(target: Connection, address: Address) -> None:
    for table in metadata.sorted_tables:
        if target.execute(select(1).select_from(table).limit(1)).first() is not None:
            raise CopyFailed(
                f"Database {address}: not empty, table {table.name} has rows. "
                "Make a new database for the copy."
            )


def _copy_table(source: Connection, target: Connection, *, table: Table, tell: Progress) -> int:
    total = source.execute(select(func.count()).select_from(table)).scalar_one()
    read, written = Tally(), Tally()
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
    tell(table.name, 0, total)
    with driver_of(target).cursor() as cursor, cursor.copy(into) as stream:
        for row in _rows(source, table):
            read.add(row)
            stream.write_row(row)
            if read.rows % BATCH == 0:
                tell(table.name, read.rows, total)
    for counted in (column for column in table.columns if column.identity):
        _go_on_counting(target, counted)
    for row in _rows(target, table):
        written.add(row)
    if read != written or read.rows != total:
        raise CopyFailed(
            f"Table {table.name}: what was written is not what was read "
            f"({written.rows} rows of {read.rows}). Nothing was copied. Please report this."
        )
    tell(table.name, total, total)
    return total


def _go_on_counting(target: Connection, counted: Column[int]) -> None:
    """Let the next row's number be the one behind the last that was copied."""
    counter = func.pg_get_serial_sequence(counted.table.name, counted.name)
    target.execute(select(func.setval(counter, func.max(counted)))).scalar_one()


def _rows(connection: Connection, table: Table) -> Iterator[Sequence[object]]:
    """Every row as the driver gives it, truth values as such; a batch at a time."""
    truths = [isinstance(column.type, Boolean) for column in table.columns]
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    asked = f'SELECT {names} FROM "{table.name}"'  # noqa: S608 - names of our own schema
    streaming = connection.execution_options(stream_results=True, max_row_buffer=BATCH)
    for row in streaming.exec_driver_sql(asked):
        yield [
            bool(value) if is_truth and value is not None else value
            for value, is_truth in zip(row, truths, strict=True)
        ]
