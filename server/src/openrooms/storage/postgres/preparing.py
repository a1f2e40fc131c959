"""Looks at a PostgreSQL database before it is served from, and brings its schema up to date."""

import re
from datetime import datetime

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from openrooms.storage.errors import DatabaseUnusable
from openrooms.storage.locks import lock_beginning
from openrooms.storage.migrate import bring_up_to_date
from openrooms.storage.postgres.connections import (
    Address,
    driver_of,
    make_engine,
    read_address,
)

log = structlog.get_logger(__name__)

OLDEST_SERVER = 14
# A migration may have much to do, and waits for those who work on the tables.
SESSION = {"lock_timeout": "60000", "statement_timeout": "0"}
_ADVICE = {
    r"password authentication failed|no password supplied": "Give user and password in "
    "OPENROOMS_DATABASE or in the settings file, or the password in a PGPASSFILE.",
    r'role ".*" does not exist': "Make the user with CREATE ROLE, or give another in the URL.",
    r'database ".*" does not exist': "Make it: CREATE DATABASE NAME ENCODING 'UTF8' "
    "TEMPLATE template0.",
    r"no pg_hba.conf entry": "Let this machine in by the server's pg_hba.conf.",
    r"permission denied": "Make the user of the URL the owner of the database.",
    r"read-only|read only": "Give the host of the server that takes writes.",
}
_OTHER_ADVICE = "Start the server, or correct the setting database."


def prepare(address: Address) -> str | None:
    """Bring the database up to date; one process at a time does so. The revision that was found.

    Raises `DatabaseUnusable`.
    """
    engine = make_engine(address, SESSION)
    try:
        with engine.begin() as connection:
            _examine(connection, address)
            lock_beginning(connection)
            return bring_up_to_date(connection)
    except (DBAPIError, OSError) as error:
        raise unusable(address, error) from error


def open_reading(url: str) -> tuple[Engine, str]:
    """An engine to look with, and the name of the database. Raises `DatabaseUnusable`."""
    address = read_address(url)
    engine = make_engine(address, SESSION | {"default_transaction_read_only": "on"})
    try:
        engine.connect().close()
    except (DBAPIError, OSError) as error:
        raise unusable(address, error) from error
    return engine, str(address)


def read_clock(url: str) -> datetime:
    """What time it is at the database server. Raises `DatabaseUnusable`."""
    address = read_address(url)
    try:
        with make_engine(address, SESSION).connect() as connection:
            told: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    except (DBAPIError, OSError) as error:
        raise unusable(address, error) from error
    return told


def unusable(address: Address, error: Exception) -> DatabaseUnusable:
    """What an operator is told: which database, why, and what to do."""
    reason = reason_of(error)
    advice = next(
        (said for sign, said in _ADVICE.items() if re.search(sign, reason)), _OTHER_ADVICE
    )
    return DatabaseUnusable(f"Database {address}: {reason}. {advice}")


def reason_of(error: BaseException) -> str:
    """The reason alone, in one line, of what SQLAlchemy and the driver wrap it in."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig
    # What follows the first line guesses at a cause, or tells of other hosts.
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return reason.rpartition("FATAL:")[2].rpartition("failed: ")[2].strip().rstrip(".?")


def _examine(connection: Connection, address: Address) -> None:
    version = driver_of(connection).info.server_version // 10_000
    if version < OLDEST_SERVER:
        raise DatabaseUnusable(
            f"Database {address}: PostgreSQL {version} is too old. "
            f"Use version {OLDEST_SERVER} or newer."
        )
    if setting(connection, "server_encoding") != "UTF8":
        raise DatabaseUnusable(
            f"Database {address}: its encoding is {setting(connection, 'server_encoding')}. "
            "Make one with: CREATE DATABASE NAME ENCODING 'UTF8' TEMPLATE template0."
        )
    for name in ("fsync", "full_page_writes"):
        if setting(connection, name) != "on":
            # Told and not refused: it may be a test's server, and is the operator's to decide.
            log.warning("database_not_durable", setting=name)


def setting(connection: Connection, name: str) -> str:
    """A setting of the server, as this session sees it."""
    return str(connection.exec_driver_sql(f"SHOW {name}").scalar())
