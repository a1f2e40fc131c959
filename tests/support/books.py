"""A look into the server's database: read only, while the server works on it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

UNINVITED = """
    select leg.id from leg join call on call.id = leg.call_id
    left join room on room.id = call.room_id
    left join invitation on invitation.room_number = room.number and invitation.raw_id = leg.raw_id
    where leg.ended_at is null and invitation.raw_id is null
"""
IN_ENDED_CALLS = """
    select leg.id from leg join call on call.id = leg.call_id
    where leg.ended_at is null and call.ended_at is not null
"""
EMPTY_CALLS = """
    select call.id from call where call.ended_at is null
    and not exists (select 1 from leg where leg.call_id = call.id and leg.ended_at is null)
"""
DOUBLE_CALLS = """
    select room_id from call where ended_at is null group by room_id having count(*) > 1
"""
LIVE_IN_ROOM = """
    select count(*) from leg join call on call.id = leg.call_id
    where leg.ended_at is null and call.room_id = ?
"""


class Books:
    """What the database says at one moment."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def violations(self) -> dict[str, list[str]]:
        """Everything that must never be so, by name."""
        rules = {
            "live legs of users who are not invited": UNINVITED,
            "live legs in ended calls": IN_ENDED_CALLS,
            "live calls without a live leg": EMPTY_CALLS,
            "rooms with two live calls": DOUBLE_CALLS,
        }
        found = {rule: [str(row[0]) for row in self._all(sql)] for rule, sql in rules.items()}
        return {rule: rows for rule, rows in found.items() if rows}

    def live_legs(self, room: str) -> int:
        return int(self._connection.execute(LIVE_IN_ROOM, (int(room),)).fetchone()[0])

    def _all(self, sql: str) -> list[tuple[object, ...]]:
        return self._connection.execute(sql).fetchall()


@contextmanager
def books(data: Path) -> Iterator[Books]:
    """One snapshot of the database in a data directory."""
    address = f"file:{data / 'openrooms.db'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=5)) as connection:
        connection.execute("begin")
        yield Books(connection)
