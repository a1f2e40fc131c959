"""An insert that does nothing where its row is there already, the same for every database.

Two callers may want to be the first. One is; the other waits for him, and is told by a row count
of 0. A duplicate key that is raised instead would end a transaction of PostgreSQL.
"""

from sqlalchemy import Insert, Table, insert, text
from sqlalchemy.dialects.sqlite.dml import OnConflictDoNothing


class _DoNothing(OnConflictDoNothing):
    """SQLite's form, in which PostgreSQL finds all that it looks for in its own."""

    inherit_cache = True
    constraint_target = None


def insert_once(table: Table, *unique: str, where: str | None = None) -> Insert:
    """An insert into the table, unless a row has the same values in the columns `unique`.

    `where` is the condition of their index, when it has one.
    """
    condition = None if where is None else text(where)
    # The count of an insert is not read from PostgreSQL's driver unless it is asked for.
    return (
        insert(table).ext(_DoNothing(unique, condition)).execution_options(preserve_rowcount=True)
    )
