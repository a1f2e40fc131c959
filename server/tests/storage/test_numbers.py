"""A database of before rooms had numbers is brought over with every row, or stays as it was."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    insert,
    select,
    text,
)
from support.databases import KINDS
from support.postgres import Postgres

from openrooms.storage.errors import DataDirectoryUnusable
from openrooms.storage.instants import EPOCH
from openrooms.storage.migrate import HEAD, bring_up_to_date, find_revision, upgrade
from openrooms.storage.postgres.connections import make_engine, read_address
from openrooms.storage.postgres.preparing import SESSION
from openrooms.storage.schema import leg, metadata, resource, room
from openrooms.storage.sqlite import open_engine, open_migrating, prepare_file

OLD = "0004"
ROWS = range(1, 4)
# What the old revision had not.
NEW = {
    "room": {"number", "at_expiry", "grace_minutes", "participant_limit"},
    "repeat": {"number"},
    "invitation": {"room_number", "permissions"},
    "leg": {"state", "capabilities", "on_hold", "invited_by", "position", "user_agent"},
    "call": {
        "two_party",
        "attendees_audio",
        "attendees_video",
        "end_message",
        "custom_context",
        "started_by",
        "started_role",
    },
}
NEW_TABLES = {"ring", "member", "refusal", "survey", "event", "event_count", "webhook", "delivery"}

Rows: TypeAlias = dict[str, list[dict[str, object]]]


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A way to a database of each kind, without any table."""
    if request.param == "sqlite":
        yield open_migrating(tmp_path / "db", 1)
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.empty() as url:
        yield make_engine(read_address(url), SESSION)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of the old revision with rows in each table."""
    with open_migrating(tmp_path / "db", 1).begin() as connection:
        fill(connection)
    return tmp_path / "db"


def fill(connection: Connection) -> Rows:
    """Make a database of the old revision with rows in each table; these rows."""
    upgrade(connection, OLD)
    written: Rows = {}
    for table in tables(connection).sorted_tables:
        rows = [{one.name: value(one, number) for one in table.columns} for number in ROWS]
        connection.execute(insert(table), rows)
        written[table.name] = rows
    return written


def value(column: Column[object], number: int) -> object:
    """What such a column has in the row of this number, or in the row that it refers to."""
    for key in column.foreign_keys:
        return value(key.column, number)
    if column.nullable and number == 1:
        return None
    if isinstance(column.type, LargeBinary):
        return b"\0%d" % number
    if isinstance(column.type, Boolean):
        return number % 2 == 0
    if isinstance(column.type, BigInteger | Integer):
        # Who came last has the lowest: an order of ids is not one of time.
        return 100 - number
    return f"{column.name[:8]} {number}"


def tables(connection: Connection) -> MetaData:
    """The tables that are there."""
    found = MetaData()
    found.reflect(connection)
    found.remove(found.tables["alembic_version"])
    return found


def rows(connection: Connection) -> Rows:
    """What is in each table, told as the old revision would."""
    found: Rows = {}
    for name, table in tables(connection).tables.items():
        if name in NEW_TABLES:
            continue
        asked = select(table)
        if "room_number" in table.columns:
            rooms = table.metadata.tables["room"]
            asked = select(rooms.c.id.label("room_id"), table).join_from(rooms, table)
        new = NEW.get(name, set())
        found[name] = [
            {column: one for column, one in row.items() if column not in new}
            for row in connection.execute(asked).mappings()
        ]
    return found


def in_order(found: Rows) -> Rows:
    return {
        name: sorted(some, key=lambda row: repr(sorted(row.items())))
        for name, some in found.items()
    }


def test_every_row_of_every_table_is_brought_over(engine: Engine) -> None:
    with engine.begin() as connection:
        written = fill(connection)
    with engine.begin() as connection:
        found = bring_up_to_date(connection)
    with engine.begin() as connection:
        kept = rows(connection)

    assert found == OLD
    assert set(written) == set(metadata.tables) - NEW_TABLES
    assert in_order(kept) == in_order(written)


def test_legs_that_live_stand_in_the_order_in_which_they_joined(engine: Engine) -> None:
    with engine.begin() as connection:
        fill(connection)
        connection.execute(text("UPDATE leg SET call_id = 'id 2', ended_at = NULL"))
        connection.execute(text("UPDATE leg SET ended_at = 1 WHERE id = 'id 2'"))
        bring_up_to_date(connection)
        found = connection.execute(select(leg.c.id, leg.c.position).order_by(leg.c.position))

        # The later its number, the earlier its moment.
        assert list(found) == [("id 2", 0), ("id 3", 1), ("id 1", 2)]


def test_rooms_are_numbered_as_they_came_and_the_next_one_goes_on(engine: Engine) -> None:
    ids = select(room.c.id).order_by(room.c.number)
    with engine.begin() as connection:
        written = fill(connection)
        bring_up_to_date(connection)
        resource_id = connection.scalar(select(resource.c.id).limit(1))
        values = {"id": 7, "resource_id": resource_id, "pstn_dial_out_enabled": False}
        moments = dict.fromkeys(("created_at", "valid_from", "valid_until"), EPOCH)
        connection.execute(room.insert().inline().values(values | moments))

        found = connection.scalars(ids).all()

    assert found == [*(row["id"] for row in written["room"]), 7]


def test_a_file_is_brought_over_with_its_references(file: Path) -> None:
    found = prepare_file(file, 1)

    with open_engine(file, "BEGIN", 1).begin() as connection:
        assert found == OLD
        assert find_revision(connection) == HEAD
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_a_file_with_a_row_that_refers_to_nothing_is_left_alone(file: Path) -> None:
    with open_migrating(file, 1).begin() as connection:
        connection.exec_driver_sql("DELETE FROM room WHERE id = 99")
        before = rows(connection)

    with pytest.raises(DataDirectoryUnusable, match=r"a row of \w+ refers.*nothing was changed"):
        prepare_file(file, 1)

    with open_engine(file, "BEGIN", 1).begin() as connection:
        assert find_revision(connection) == OLD
        assert rows(connection) == before


def test_whoever_is_killed_meanwhile_leaves_the_file_as_it_was(file: Path, tmp_path: Path) -> None:
    left = tmp_path / "left"
    with open_migrating(file, 1).begin() as connection:
        before = rows(connection)
        # Nothing is kept in memory: the log has all that can be there before the commit.
        connection.exec_driver_sql("PRAGMA cache_size = 1")
        upgrade(connection)
        shutil.copy(file, left)
        shutil.copy(f"{file}-wal", f"{left}-wal")

    assert Path(f"{left}-wal").stat().st_size > 0
    with open_engine(left, "BEGIN", 1).begin() as connection:
        assert find_revision(connection) == OLD
        assert rows(connection) == before
