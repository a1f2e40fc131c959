"""S: receivers where no events may be sent, or that misbehave: each guard by a row that it alone answers.

All of the rows are thrown at a server on each database by `inputs/test_rows.py`.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing

import pytest
from inputs.rows import s_webhooks
from support.inputs.hooks import open_hooks
from support.inputs.house import House
from support.inputs.oracle import Judge
from support.inputs.rows import Row
from support.server import Server

PARTS = "openrooms.events.webhooks"
ROWS = {row.name: row for row in s_webhooks.ROWS}
GUARDED: Mapping[str, str] = {
    "S01: to where it may": f"{PARTS}.signature:sign",
    "S01: to 127.0.0.1": f"{PARTS}.addresses:may_reach",
    "S01: to localhost": f"{PARTS}.sender:Sender._addresses",
    "S01: to 169.254.169.254": f"{PARTS}.addresses:_is_public",
    "S01: to 168.63.129.16": f"{PARTS}.addresses:_INSIDE",
    "S01: to [64:ff9b::127.0.0.1]": f"{PARTS}.addresses:_within",
    "S01: a URL 'http://user@<receiver>/takes'": f"{PARTS}.model:parse_url",
    "S01: 307 to http://127.0.0.1:<receiver_port>/takes": f"{PARTS}.sender:Sender._made",
    "S01: to one whom nobody certifies": f"{PARTS}.sender:Sender._made",
    "S01: a receiver that fails (eventgrid)": f"{PARTS}.service:Webhooks._shake_hands",
    "S01: a receiver that another-code (eventgrid)": f"{PARTS}.wire:reads_code",
    "S01: a receiver that created (eventgrid)": f"{PARTS}.service:Webhooks._give_code_back",
    "S01: a receiver that another-origin (cloudevents)": f"{PARTS}.service:Webhooks._ask_for_leave",
    "S02: a receiver that floods (eventgrid)": f"{PARTS}.sender:LONGEST_ANSWER",
    "S02: a receiver that silent (eventgrid)": f"{PARTS}.sender:Patience.of",
}


@pytest.fixture(scope="module")
def judge(server: Server) -> Iterator[Judge]:
    with open_hooks() as hooks, closing(House(server, hooks)) as house:
        yield Judge(house)


@pytest.mark.parametrize(
    "row",
    [pytest.param(ROWS[name], marks=pytest.mark.guards(one)) for name, one in GUARDED.items()],
    ids=lambda row: row.name,
)
def test_what_a_guard_alone_keeps_out_is_kept_out(row: Row, judge: Judge) -> None:
    assert judge.judge(row)
