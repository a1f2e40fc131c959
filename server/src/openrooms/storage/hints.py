"""What one process lets others of the same database know. A hint may be lost: each looks by itself, too."""

from sqlalchemy import Connection, func, select

CHANNEL = "openrooms"


def hint(connection: Connection) -> None:
    """Tell every process, once this transaction is committed, that rooms or users have changed."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_notify(CHANNEL, "")))
