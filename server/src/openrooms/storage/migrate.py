"""Bringing a database to today's schema."""

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from openrooms.storage import schema
from openrooms.storage.errors import NewerData

# The revision that schema.py describes.
HEAD = "0013"

# Alembic's own table, as Alembic makes it.
_bookkeeping = MetaData()
_version = Table(
    "alembic_version", _bookkeeping, Column("version_num", String(32), primary_key=True)
)


def find_revision(connection: Connection) -> str | None:
    """The revision of the schema that is there; None when there is none."""
    if not inspect(connection).has_table(_version.name):
        return None
    return connection.scalar(select(_version.c.version_num))


def bring_up_to_date(connection: Connection) -> str | None:
    """Make the tables of a new database; migrate those of an older one. The revision found."""
    found = find_revision(connection)
    if found is None and not inspect(connection).has_table(_version.name):
        # A new database needs no history. Tests hold the migrations to the same result.
        _bookkeeping.create_all(connection)
        schema.metadata.create_all(connection)
        connection.execute(_version.insert().values(version_num=HEAD))
    elif found != HEAD:
        _upgrade(connection, found)
    return found


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run every migration that the database has not seen, up to that one."""
    # Alembic costs 12 MB and a third of a second; only an older database needs it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "openrooms.storage:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _upgrade(connection: Connection, found: str | None) -> None:
    # Loaded only here, as above.
    from alembic.util import CommandError  # noqa: PLC0415

    try:
        upgrade(connection)
    except CommandError as error:
        raise NewerData(
            f"Database: its version is {found}, which this program ({HEAD}) does not know. "
            "Start the newer program that wrote it."
        ) from error
