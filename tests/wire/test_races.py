"""Joins, removals and last leaves at the same moment, on the real database: no rule is ever broken."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from threading import Barrier, Event

import pytest
from support.agents import Agent, Refusal, agent
from support.books import books
from support.office import ATTENDEE, PRESENTER, Office, User
from support.server import Server

TURNS = 10
CAP = 20
PLACES = 5
LATECOMERS = 40


@pytest.fixture(scope="module")
def crew() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


class Race:
    """Some doings, let go at the same moment, each after a random breath."""

    def __init__(self, crew: ThreadPoolExecutor, seed: int) -> None:
        self._crew = crew
        self._random = random.Random(seed)

    def run(self, *doings: Callable[[], str]) -> list[str]:
        line = Barrier(len(doings))
        breaths = [self._random.choice((0, 0, 0.002, 0.005, 0.01)) for _ in doings]
        started = [
            self._crew.submit(self._go, doing, breath, line)
            for doing, breath in zip(doings, breaths, strict=True)
        ]
        return [each.result(20) for each in started]

    @staticmethod
    def _go(doing: Callable[[], str], breath: float, line: Barrier) -> str:
        line.wait(10)
        Event().wait(breath)
        return doing()


def _join(socket: Agent, room: str) -> str:
    """Try to join; tells how it went."""
    try:
        return socket.join(room).call_id
    except Refusal as refusal:
        return f"{refusal.code}/{refusal.sub_code}"


def _done(doing: Callable[..., None], *given: object) -> str:
    doing(*given)
    return "done"


def test_join_against_removal_against_last_leave(
    request: pytest.FixtureRequest, server: Server, office: Office, crew: ThreadPoolExecutor
) -> None:
    rounds: int = request.config.getoption("--rounds")
    # They take turns, so that none joins oftener than a user may.
    leaving, joining = ([office.user() for _ in range(TURNS)] for _ in range(2))
    room = office.room({})
    race = Race(crew, seed=2_711)
    outcomes: Counter[str] = Counter()
    with ExitStack() as open_sockets:
        leavers, joiners = (
            [open_sockets.enter_context(_socket(server, user)) for user in users]
            for users in (leaving, joining)
        )
        for number in range(rounds):
            turn = number % TURNS
            first, second = leavers[turn], joiners[turn]
            leaver, joiner = leaving[turn], joining[turn]
            office.invite(room, leaver, PRESENTER)
            office.invite(room, joiner, ATTENDEE)
            call = first.join(room).call_id

            joined, *_ = race.run(
                partial(_join, second, room),
                partial(_done, office.expel, room, joiner),
                partial(_done, first.leave, call),
            )

            outcomes["refused" if "/" in joined else "let in, then out"] += 1
            _holds(server, room, number)
    assert set(outcomes) <= {"refused", "let in, then out"}
    assert min(outcomes.values()) >= max(1, rounds // 40), (
        f"the race was too one-sided to tell: {outcomes}"
    )


def _holds(server: Server, room: str, number: int) -> None:
    """After a round: the leaver left, the joiner is uninvited, so nobody and nothing is live."""
    with books(server.data) as now:
        assert now.violations() == {}, f"round {number}"
        assert now.live_legs(room) == 0, f"round {number}"


def test_of_many_who_come_at_once_exactly_as_many_get_in_as_there_are_places(
    tmp_path: Path, crew: ThreadPoolExecutor
) -> None:
    settings = tmp_path / "few.toml"
    settings.write_text(f"participant_limit = {CAP}\n")
    with ExitStack() as opened:
        server = Server(tmp_path / "server", "--config", str(settings))
        opened.callback(server.close)
        server.start()
        office = Office(server)
        opened.callback(office.close)
        early, late = (
            [office.user() for _ in range(count)] for count in (CAP - PLACES, LATECOMERS)
        )
        room = office.room(dict.fromkeys([*early, *late], ATTENDEE))
        for user in early:
            opened.enter_context(_socket(server, user)).join(room)
        sockets = [opened.enter_context(_socket(server, user)) for user in late]

        tries = [crew.submit(_join, socket, room) for socket in sockets]
        said = Counter(each.result(30) for each in tries)

        with books(server.data) as now:
            assert now.live_legs(room) == CAP
            assert now.violations() == {}
    assert said.pop("413/5808") == LATECOMERS - PLACES
    assert said.total() == PLACES


@contextmanager
def _socket(server: Server, user: User) -> Iterator[Agent]:
    """An agent socket, open and signed in."""
    with agent(server.ready.browser_url, server.secrets) as socket:
        socket.hello(user.token)
        yield socket
