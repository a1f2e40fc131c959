"""X03, X04, X05: the engine is killed, frozen, or ends again and again; as a child and as a unit."""

import operator
import signal
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from support.agents import Refusal
from support.deadlines import wait_for
from support.faults.guests import Guest, Reporter, guests
from support.office import Office
from support.report import figure
from support.server import Server
from support.unit import EngineUnit

REFUSES_AT_MOST = 3.0
BACK_WITHIN = 5.0
UNWELL_WITHIN = 10.0
SAYS_NO_WITHIN = 1.0
START_WITHIN = 2.0
ROLES = ("Presenter", "Attendee", "Attendee")


class Stage:
    """A server with an engine of either form."""

    def __init__(self, server: Server, engine: Callable[[], psutil.Process | None]) -> None:
        self.server = server
        self._engine = engine

    def engine(self) -> psutil.Process:
        found, _ = wait_for("an engine", self._engine, within=10)
        return found

    def is_well(self) -> bool:
        return bool(self.server.health()["parts"]["engine"])


@pytest.fixture(params=["child", "unit"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    if request.param == "unit":
        unit = EngineUnit(tmp_path / "server")
        unit.open()
        yield Stage(unit.server, unit.engine)
        unit.close()
        return
    server = Server(tmp_path / "server")
    server.start()
    yield Stage(server, server.engine)
    server.close()


@pytest.fixture
def people(stage: Stage) -> Iterator[tuple[str, list[Guest]]]:
    """Two in a call, and one who is invited and still outside."""
    office = Office(stage.server)
    with guests(stage.server, office, ROLES) as (room, made):
        for each in made[:2]:
            each.join(room)
            each.open_media()
        made[2].call()
        yield room, made
    office.close()


def test_x03_a_killed_engine_is_back_and_those_in_the_call_with_it(
    stage: Stage, people: tuple[str, list[Guest]]
) -> None:
    room, (one, two, late) = people

    stage.engine().kill()
    killed = time.monotonic()
    refused = _joins_after_all(late, room)
    joined = time.monotonic() - killed
    for each in (one, two):
        each.come_back(within=BACK_WITHIN)
    back = time.monotonic() - killed

    form = "child" if stage.server.engine() else "unit"
    figure(f"X03 {form}, joins refused for", joined, at_most=REFUSES_AT_MOST, unit="s")
    figure(f"X03 {form}, media open again", back, at_most=BACK_WITHIN, unit="s")
    assert set(refused) <= {(503, 0)}
    assert late.leg.call_id == one.leg.call_id == two.leg.call_id
    for each in (one, two):
        each.agent.ask("ping")
        assert "ended" not in [event["event"] for event in each.agent.events]


@pytest.mark.lasts(10)
def test_x04_a_frozen_engine_is_noticed_and_replaced(
    stage: Stage, people: tuple[str, list[Guest]]
) -> None:
    _, (one, two, _) = people
    frozen = stage.engine()

    frozen.send_signal(signal.SIGSTOP)
    _, unwell = wait_for("health turns bad", lambda: not stage.is_well(), within=2 * UNWELL_WITHIN)
    wait_for("health is good again", stage.is_well, within=BACK_WITHIN)
    for each in (one, two):
        each.hang_up_media()
    back = one.come_back(within=BACK_WITHIN) + two.come_back(within=BACK_WITHIN)

    form = "child" if stage.server.engine() else "unit"
    figure(f"X04 {form}, health bad after", unwell, at_most=UNWELL_WITHIN, unit="s")
    figure(f"X04 {form}, media open after health is good", back, at_most=BACK_WITHIN, unit="s")
    assert not frozen.is_running() or frozen.status() == psutil.STATUS_ZOMBIE


# An engine that works once, and then ends at once, noting each of its starts.
_ONCE = """#!/bin/sh
date +%s.%N >> {starts}
if [ "$(wc -l < {starts})" -gt 1 ]; then echo 'there is no room left'; exit 0; fi
exec {engine} "$@"
"""


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[tuple[Server, Path]]:
    """A server whose engine runs once; and the file with the moments of its starts."""
    starts, program = tmp_path / "starts", tmp_path / "livekit-once"
    import openrooms_engine  # noqa: PLC0415 (the only test that needs the program itself)

    program.write_text(_ONCE.format(starts=starts, engine=openrooms_engine.binary()))
    program.chmod(0o700)
    server = Server(tmp_path / "server", environment={"OPENROOMS_ENGINE_BINARY": str(program)})
    server.start()
    yield server, starts
    server.close()


@pytest.mark.parametrize("starts_seen", [5, pytest.param(11, marks=pytest.mark.lasts(135))])
def test_x05_an_engine_that_ends_at_once_is_started_ever_more_seldom_and_health_says_why(
    doomed: tuple[Server, Path], starts_seen: int
) -> None:
    server, starts = doomed
    office = Office(server)
    with guests(server, office, ROLES) as (room, (one, *_)):
        one.call()
        server.kill_engine()
        # The server's own engine, and one more, came before the first pause that is counted.
        least = _pauses(starts_seen - 1)
        within = sum(least) + starts_seen * START_WITHIN
        wait_for("starts", lambda: len(_moments(starts)) > starts_seen, within=within)
        moments = _moments(starts)
        said = server.health()
        begun = time.monotonic()
        with pytest.raises(Refusal) as refused:
            one.join(room)
        took = time.monotonic() - begun

    pauses = [later - sooner for sooner, later in pairwise(moments[1:])]
    assert all(map(operator.ge, pauses, _pauses(len(pauses))))
    assert said["parts"]["engine"] is False
    assert "there is no room left" in said["troubles"]["engine"]
    assert "times in a row" in said["troubles"]["engine"]
    assert (refused.value.code, refused.value.sub_code) == (503, 0)
    figure("X05, a join without an engine is refused after", took, at_most=SAYS_NO_WITHIN, unit="s")
    office.close()


@pytest.mark.lasts(125)
def test_x03_an_engine_that_does_not_come_back_ends_the_call_after_two_minutes(
    unit: EngineUnit,
) -> None:
    office = Office(unit.server)
    with guests(unit.server, office, ROLES) as (room, (one, two, _)):
        for each in (one, two):
            each.join(room)
            each.open_media()
            Reporter(unit.server).up(each, f"stay of {each.user.guid}")
        unit.kill()
        lost = time.monotonic()
        ends = [each.agent.event("ended", within=130) for each in (one, two)]
        took = time.monotonic() - lost
    office.close()

    assert [(end["code"], end["subCode"]) for end in ends] == [(410, 301005)] * 2
    assert took >= 115
    figure("X03, the call ends without an engine after", took, at_most=125, unit="s")


def _joins_after_all(who: Guest, room: str) -> list[tuple[int, int]]:
    """Join until it works, within ten seconds; how it was refused before."""
    refused: list[tuple[int, int]] = []

    def tried() -> bool:
        try:
            who.join(room)
        except Refusal as refusal:
            refused.append((refusal.code, refusal.sub_code))
            return False
        return True

    wait_for("a join", tried, within=10)
    return refused


def _moments(file: Path) -> list[float]:
    return [float(line) for line in file.read_text().split()] if file.exists() else []


def _pauses(number: int) -> list[float]:
    """The shortest seconds between starts in a row: 0.2, 0.4, and so on up to 30, and what a start takes."""
    return [min(0.2 * 2**each, 30.0) for each in range(number)]
