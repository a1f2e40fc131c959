"""Rows that are numbered as they came (`columns.numbered`): lists newest first, and their end."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, Table, delete, or_, select


def page(
    connection: Connection, table: Table, found: Select[Any], *, after: int | None, size: int
) -> tuple[Sequence[Row[Any]], int | None]:
    """Rows of a table, newest first, from below the number `after`; and where they go on, if they do."""
    if after is not None:
        found = found.where(table.c.number < after)
    rows = connection.execute(found.order_by(table.c.number.desc()).limit(size + 1)).all()
    return rows[:size], rows[size - 1].number if len(rows) > size else None


def newest_since(
    connection: Connection,
    of: ColumnElement[bool],
    at: Column[datetime],
    *,
    since: datetime,
    most: int,
) -> list[int]:
    """Of the newest so many rows `of` a table, the numbers of those from after a moment, newest first.

    `at`: the column of their moments.
    """
    number = at.table.c.number
    newest = select(number, at).where(of).order_by(number.desc()).limit(most)
    return [row[0] for row in connection.execute(newest) if row[1] > since]


def drop_oldest(
    connection: Connection,
    table: Table,
    at: Column[datetime],
    *,
    until: datetime,
    latest: datetime,
    at_once: int,
) -> bool:
    """Drop some rows from before `until`; whether there may be more.

    The oldest come first; one from later than `latest` goes with them. `at`: as above.
    """
    oldest = select(table.c.number).order_by(table.c.number).limit(at_once)
    old = or_(at < until, at > latest)
    dropped = connection.execute(delete(table).where(table.c.number.in_(oldest), old))
    return dropped.rowcount == at_once
