"""Who is connected, and how much of that one user may have."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from openrooms.calling.agents import JOINS_AT_ONCE, MOST_OF_A_USER, REQUESTS_AT_ONCE, Agents
from openrooms.calling.errors import TooOften
from openrooms.calling.joining import Agent
from openrooms.identity.model import Caller
from openrooms.kernel.identifiers import CommunicationUser

from .lines import KeptLine

ADA = CommunicationUser("resource", "ada")
AGENT = Agent("agent", Caller(ADA, 1, frozenset(), datetime(2026, 11, 22, tzinfo=UTC)), "Ada")


def line(number: int) -> KeptLine:
    """A connection of one of Ada's agents."""
    return KeptLine(replace(AGENT, id=f"agent-{number}"))


def test_an_agent_that_connects_twice_keeps_the_newer_connection() -> None:
    agents, older, newer = Agents(), line(1), line(1)

    assert agents.add(older) is None
    assert agents.add(newer) is older
    assert not agents.remove(older)
    assert agents.of_user(AGENT.raw_id) == [newer]
    assert agents.remove(newer)
    assert agents.all() == []


def test_the_oldest_of_too_many_of_a_user_gives_way() -> None:
    agents = Agents()
    lines = [line(number) for number in range(MOST_OF_A_USER + 1)]

    gone = [agents.add(one) for one in lines]

    assert gone == [None] * MOST_OF_A_USER + [lines[0]]
    assert agents.of_user(AGENT.raw_id) == lines[1:]
    assert not agents.remove(lines[0])


def test_a_user_joins_only_so_often_from_however_many_places() -> None:
    agents = Agents()
    for _ in range(JOINS_AT_ONCE):
        agents.enter("ada")

    with pytest.raises(TooOften):
        agents.enter("ada")
    agents.enter("bo")


def test_the_connections_of_a_user_share_what_he_may_ask_for() -> None:
    agents = Agents()
    heard = [agents.requests("ada").take(REQUESTS_AT_ONCE) for _ in range(3)]

    assert heard == [True, True, False]
    assert agents.requests("bo").take(REQUESTS_AT_ONCE)
