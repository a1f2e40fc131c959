"""Each capability in each kind of call, through the browser SDK: two people, one call a kind."""

from collections.abc import Iterator

import pytest

# What registers the rows.
from calls import rows_devices, rows_media, rows_messages, rows_people  # noqa: F401
from calls.columns import NOT_HERE, Kind, cells_to_show
from calls.meeting import ROWS, Meeting, Row
from support.engine import EngineEye
from support.office import Office
from support.sdkpage import Client
from support.server import Server

CASES = [
    pytest.param(kind, row, id=f"{kind}-{'+'.join(row.ids)}")
    for kind in Kind
    for row in ROWS
    if kind in row.kinds
]


@pytest.fixture(scope="module")
def meeting(
    request: pytest.FixtureRequest,
    server: Server,
    office: Office,
    trio: tuple[Client, Client, Client],
) -> Iterator[Meeting]:
    """A call of the kind, for all its rows."""
    made = Meeting(request.param, *trio, server, office, EngineEye(server.data), {})
    made.begin()
    yield made
    made.end()


@pytest.mark.parametrize(("meeting", "row"), CASES, indirect=["meeting"])
def test_the_capability_is_there(meeting: Meeting, row: Row) -> None:
    row.check(meeting)


def test_no_cell_of_the_table_is_left_out() -> None:
    shown = {(name, kind) for row in ROWS for name in row.ids for kind in row.kinds}

    assert cells_to_show() - shown == set()
    assert {name for name, _ in shown} & set(NOT_HERE) == set()
