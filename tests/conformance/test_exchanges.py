"""Every row of our table of exchanges, replayed as raw signed requests."""

from collections.abc import Iterator

import pytest
from support.exchanges import Flow, flows
from support.replay import replay
from support.server import Server
from support.signed import Ask, Caller


@pytest.fixture(scope="module")
def caller(server: Server) -> Iterator[Caller]:
    made = Caller(server.ready)
    yield made
    made.close()


@pytest.mark.parametrize("flow", flows(), ids=lambda flow: flow.name)
def test_the_server_answers_as_the_table_says(caller: Caller, flow: Flow) -> None:
    assert replay(flow, caller) == []


def test_pages_lead_on_to_the_last_which_leads_nowhere(caller: Caller) -> None:
    made = [_room(caller) for _ in range(61)]
    pages = list(_pages(caller, "/rooms?api-version=2024-04-15"))

    listed = [room for page in pages for room in page]
    assert [len(page) for page in pages[:-1]] == [30] * (len(pages) - 1)
    assert listed[:61] == made[::-1]
    assert len(set(listed)) == len(listed)


def _room(caller: Caller) -> str:
    ask = Ask("POST", "/rooms?api-version=2025-03-13", b"{}", {"Content-Type": "application/json"})
    return str(caller.call(ask).json["id"])


def _pages(caller: Caller, target: str | None) -> Iterator[list[str]]:
    while target is not None:
        answer = caller.call(Ask("GET", target)).json
        yield [room["id"] for room in answer["value"]]
        link = answer.get("nextLink")
        target = None if link is None else f"/{link.removeprefix(caller.endpoint)}"
