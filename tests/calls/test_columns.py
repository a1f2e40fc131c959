"""Each capability in each kind of call, through the browser SDK: two people, one call a kind."""

from collections.abc import Iterator

import pytest

# What registers the rows.
from calls import rows_devices, rows_media, rows_messages, rows_people  # noqa: F401
from calls.columns import NOT_HERE, Kind, cells_to_show
from calls.meeting import ROWS, Meeting, Row
from support.browser import Person, Town
from support.engine import EngineEye
from support.likeness import DOCTOR, PATIENT, STRANGER
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
def trio(neighbours: Town, sdk_page: str) -> tuple[Client, Client, Client]:
    """Three people who stay in front of their browsers; one has several cameras."""
    ann = _sit_down(neighbours.call(DOCTOR), sdk_page)
    ben = _sit_down(neighbours.call(PATIENT, cameras=3), sdk_page)
    return ann, ben, _sit_down(neighbours.call(STRANGER), sdk_page)


def _sit_down(person: Person, address: str) -> Client:
    client = Client(person, address)
    client.open()
    return client


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
