"""Every statement on what a resource has asks for that resource, or is known not to need it."""

from collections.abc import Iterator
from types import ModuleType

import pytest
from sqlalchemy import Delete, Select, Update
from sqlalchemy.dialects import sqlite

from openrooms.identity import store as identity_store
from openrooms.rooms import store as rooms_store
from openrooms.storage.schema import identity, repeat, room
from openrooms.storage.statements import Statement

OWNED = {room, identity, repeat}
# Statements that run only on rows found before, in the same transaction, by one that does ask; and
# those of the server's own work, which is for all resources and shows nothing to any.
WITHOUT = {
    "_ROOM_COLUMNS": "a beginning that others build on",
    "_NUMBER": "by the id of a room that was found and locked",
    "_CHANGE_ROOM": "by the id of a room that was found and locked",
    "_DELETE_ROOMS": "by the ids of a deleted resource's rooms",
    "_OVER": "the sweep of rooms that are over",
    "_BURY": "the sweep of rooms that are over",
    "_FORGET": "the sweep of repeatable requests",
}


def statements(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Every statement of a store that reads or changes owned rows, as SQL."""
    for name, value in vars(module).items():
        one = getattr(value, "_statement", value) if isinstance(value, Statement) else value
        if isinstance(one, Select):
            tables = set(one.get_final_froms())
        elif isinstance(one, Update | Delete):
            tables = {one.table}
        else:
            continue
        if tables & OWNED:
            yield name, str(one.compile(dialect=sqlite.dialect()))


FOUND = [one for module in (rooms_store, identity_store) for one in statements(module)]


def test_the_statements_are_found() -> None:
    assert {"_FIND_ROOM", "_NEXT", "_RECALL", "_GENERATION", "_NOTE_TOKEN"} <= {
        name for name, _ in FOUND
    }


@pytest.mark.parametrize(("name", "sql"), FOUND, ids=[name for name, _ in FOUND])
def test_it_asks_for_the_resource(name: str, sql: str) -> None:
    condition = sql.partition("WHERE")[2]

    assert "resource_id = ?" in condition or name in WITHOUT


def test_no_exception_is_out_of_date() -> None:
    needed = {name for name, sql in FOUND if "resource_id = ?" not in sql.partition("WHERE")[2]}

    assert set(WITHOUT) == needed
