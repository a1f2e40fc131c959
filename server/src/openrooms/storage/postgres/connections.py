"""Connections to PostgreSQL: how one is made, what holds for its session, how it is cut."""

import os
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Column, Connection, Engine, NullPool, String, Table, create_engine, text
from sqlalchemy.dialects.postgresql.base import PGDDLCompiler

from openrooms.storage import schema
from openrooms.storage.errors import DatabaseUnusable

# A server that is gone must be noticed: the network alone would keep us waiting for minutes.
_DEFAULTS: Mapping[str, str] = {
    "application_name": "openrooms",
    "client_encoding": "UTF8",
    "connect_timeout": "2",
    "keepalives": "1",
    "keepalives_count": "2",
    "keepalives_idle": "2",
    "keepalives_interval": "1",
    "tcp_user_timeout": "3000",
    # Of several hosts, the one that takes writes.
    "target_session_attrs": "read-write",
}

# A commit is on the disk before anyone is told of it, whatever weaker default the server has.
_SYNCED = (
    "SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit') "
    "WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)"
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where the database is, and how to get in."""

    conninfo: str = field(repr=False)
    name: str

    def __str__(self) -> str:
        return self.name


def read_address(url: str) -> Address:
    """Take a URL apart; its name carries host, port and database, and no password."""
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # The reason may quote the URL, and that may hold a password.
        raise DatabaseUnusable(
            "Database: the setting is not a PostgreSQL URL. "
            "Give postgresql://USER@HOST:PORT/NAME, with special characters percent-encoded."
        ) from None
    host = given.get("host") or given.get("hostaddr") or "localhost"
    name = f"{host}:{given.get('port') or 5432}/{given.get('dbname') or given.get('user') or ''}"
    # All of it goes by keyword; the first parameter is another URL.
    return Address(make_conninfo("", **{**_DEFAULTS, **given}), name)


def connect(address: Address, settings: Mapping[str, str]) -> psycopg.Connection[Any]:
    """A connection whose session has these settings."""
    connection = psycopg.connect(address.conninfo, autocommit=True)
    # Our own constants. One message for all: a connection costs few round trips.
    said = "; ".join(f"SET {name} = {value}" for name, value in settings.items())
    connection.execute(f"{said}; {_SYNCED}".encode())
    connection.autocommit = False
    return connection


class _BytewiseTexts(PGDDLCompiler):
    """Texts compare byte by byte, as on SQLite, whatever the order of the database is."""

    # Any: the base class says so, and has no types here.
    def get_column_specification(self, column: Column[Any], **kwargs: Any) -> str:  # noqa: ANN401 - as above
        said: str = super().get_column_specification(column, **kwargs)  # type: ignore[no-untyped-call]
        return f'{said} COLLATE "C"' if isinstance(column.type, String) else said


def make_engine(address: Address, settings: Mapping[str, str]) -> Engine:
    """An engine that keeps no connections: each thread keeps its own."""
    _speak_of_conditions()
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect(address, settings),
        poolclass=NullPool,
        # An error that is logged must not carry the values of its statement.
        hide_parameters=True,
        use_native_hstore=False,
    )
    engine.dialect.ddl_compiler = _BytewiseTexts
    return engine


def driver_of(connection: Connection) -> psycopg.Connection[Any]:
    """The driver's own connection, which SQLAlchemy does not type."""
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)


class Tap:
    """A second hold on a connection's socket, by which any thread can cut it."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = socket.socket(fileno=os.dup(connection.fileno()))

    def cut(self) -> None:
        """Let whoever waits for an answer wait no more."""
        with self._lock, suppress(OSError):
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with self._lock:
            if self._socket is not None:
                self._socket.close()
            self._socket = None


def _speak_of_conditions() -> None:
    """Give PostgreSQL's form of their condition to the indexes that have one."""
    tables: list[Table] = list(schema.metadata.tables.values())
    for index in (index for table in tables for index in table.indexes):
        where = index.info.get("where")
        if where is not None:
            index.dialect_options["postgresql"]["where"] = text(where)
