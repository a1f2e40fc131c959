"""Columns and indexes that tables are made of, the same for every database."""

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, text

# Says of a column that its values are encrypted under the master key.
SEALED = {"sealed": True}


def numbered() -> Column[int]:
    """The row's place in the order in which rows came; the database gives it.

    So new rows stand side by side, and with them what refers to them by it. A random id would take
    each to a page of its own. SQLite knows such a number by its type's name alone.
    """
    number = BigInteger().with_variant(Integer, "sqlite")
    return Column("number", number, Identity(), primary_key=True)


def index_of_some(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the rows for which `where` holds.

    An adapter for another database gives its own form of `info["where"]` to the index: naming that
    form here would load that database's whole dialect into every process.
    """
    return Index(name, *columns, unique=unique, sqlite_where=text(where), info={"where": where})


def only_one(name: str, *columns: str, where: str) -> Index:
    """A unique index over the rows for which `where` holds."""
    return index_of_some(name, *columns, where=where, unique=True)
