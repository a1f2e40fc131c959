"""A database of any age ends up with the one schema."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from support.postgres import Postgres

from openrooms.storage.errors import NewerData
from openrooms.storage.migrate import HEAD, bring_up_to_date, upgrade
from openrooms.storage.postgres.connections import make_engine, read_address
from openrooms.storage.postgres.preparing import SESSION
from openrooms.storage.schema import metadata
from openrooms.storage.sqlite import open_engine, open_migrating


def tables(connection: Connection) -> dict[str, str]:
    """What SQLite was told to make, free of the way it was written down.

    A table that was renamed has its name in quotes.
    """
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: " ".join(sql.split()).replace("( ", "(").replace('"', "") for name, sql in rows}


def test_the_migrations_make_the_schema_to_the_letter(tmp_path: Path) -> None:
    with open_migrating(tmp_path / "migrated", 1).begin() as connection:
        upgrade(connection)
        migrated = tables(connection)
    with open_engine(tmp_path / "made", "BEGIN", 1).begin() as connection:
        bring_up_to_date(connection)
        made = tables(connection)

    del migrated["alembic_version"], made["alembic_version"]
    assert migrated == made


def test_the_newest_migration_is_the_one_the_schema_stands_for() -> None:
    folder = Path(__file__).parents[2] / "src/openrooms/storage/migrations"

    assert ScriptDirectory(str(folder)).get_current_head() == HEAD


def test_a_database_that_is_up_to_date_is_left_alone(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "db", "BEGIN", 1)
    with engine.begin() as connection:
        bring_up_to_date(connection)
    with engine.begin() as connection:
        before = tables(connection)
        bring_up_to_date(connection)

        assert tables(connection) == before


def test_an_older_database_is_migrated(tmp_path: Path) -> None:
    with open_migrating(tmp_path / "db", 1).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")

        bring_up_to_date(connection)

        assert "room" in tables(connection)


def test_a_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    with open_engine(tmp_path / "db", "BEGIN", 1).begin() as connection:
        bring_up_to_date(connection)
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

        with pytest.raises(NewerData, match=r"9999.*newer program"):
            bring_up_to_date(connection)


COLUMNS = """
    SELECT relname, attname, format_type(atttypid, atttypmod), attnotnull, attcollation::regcollation
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
        AND NOT attisdropped AND relname <> 'alembic_version'
"""
INDEXES = "SELECT tablename, indexdef FROM pg_indexes WHERE tablename <> 'alembic_version'"
CONSTRAINTS = "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"


def shape(connection: Connection) -> set[tuple[str, ...]]:
    """What PostgreSQL was told to make."""
    return {
        tuple(map(str, row))
        for query in (COLUMNS, INDEXES, CONSTRAINTS)
        for row in connection.exec_driver_sql(query)
        if row[0] in metadata.tables
    }


def test_on_postgresql_too_the_migrations_make_the_schema(postgres: Postgres) -> None:
    with postgres.empty() as one, postgres.empty() as other:
        with make_engine(read_address(one), SESSION).begin() as connection:
            upgrade(connection)
            migrated = shape(connection)
        with make_engine(read_address(other), SESSION).begin() as connection:
            bring_up_to_date(connection)
            made = shape(connection)

    assert migrated == made
    assert len(made) > 100
