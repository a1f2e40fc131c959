"""Every row of the tables: the answer it names, the oracle, and the same on both databases."""

from collections.abc import Iterator

import pytest
from inputs.rows import (
    a_framing,
    b_signatures,
    c_routes,
    d_room_ids,
    e_bodies,
    f_times,
    g_participants,
    h_merge_patches,
    i_repeats,
    j_lists,
    k_identities,
    s_webhooks,
)
from support.inputs.house import House
from support.inputs.oracle import Judge
from support.inputs.rows import Row

SECTIONS = (
    *(a_framing, b_signatures, c_routes, d_room_ids, e_bodies, f_times),
    *(g_participants, h_merge_patches, i_repeats, j_lists, k_identities),
    s_webhooks,
)
ROWS = [row for section in SECTIONS for row in section.ROWS]


@pytest.fixture(scope="module")
def judges(houses: tuple[House, House]) -> Iterator[tuple[Judge, Judge]]:
    first, second = (Judge(house) for house in houses)
    yield first, second
    for judge in (first, second):
        judge.check_lines()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_bad_input_gets_its_answer_and_changes_nothing(
    row: Row, judges: tuple[Judge, Judge]
) -> None:
    answers = [judge.judge(row) for judge in judges]

    assert answers[0] == answers[1]
