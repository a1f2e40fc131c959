"""A house's tables, in a file or in PostgreSQL: what no caller can see, and how to make much at once."""

import sqlite3
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg


class Tables:
    """The database of a server: that of the URL, else the file in its data directory."""

    def __init__(self, data: Path, url: str | None) -> None:
        self._data = data
        self.url = url

    def tell(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement that both databases know, `?` standing for values; what it returned."""
        if self.url is not None:
            # A test's own text: it is trusted as code is.
            answer = self._session.execute(statement.replace("?", "%s").encode(), values)
            return answer.fetchall() if answer.description else []
        with closing(sqlite3.connect(self._data / "openrooms.db")) as database, database:
            return database.execute(statement, values).fetchall()

    def number(self, statement: str, *values: object) -> int:
        """The one number that a query finds."""
        return int(self.tell(statement, *values)[0][0])

    def close(self) -> None:
        """Leave the database."""
        if "_session" in self.__dict__:
            self._session.close()

    @cached_property
    def _session(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self.url or "", autocommit=True)
