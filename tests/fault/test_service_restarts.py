"""X01, X21: server and engine are units of their own, and either is killed, stopped or replaced."""

from collections.abc import Callable, Iterator

import pytest
from support.agents import Refusal
from support.browser import Person, Town
from support.deadlines import stays, wait_for
from support.engine import EngineEye, Occupant
from support.faults.guests import Guest, guests
from support.office import Office
from support.report import figure
from support.scenes import call_in, consult
from support.server import Server
from support.unit import EngineUnit

AWAY_SECONDS = 3.0
# Less than anything takes that has to be begun anew.
GOES_ON_WITHIN = 2.0
BACK_WITHIN = 5.0
ENDS_WITHIN = 4.0
LIMIT = 3
ROLES = ("Presenter", "Attendee")


@pytest.fixture
def couple(people: Town) -> tuple[Person, Person]:
    return call_in(people)


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(Server.kill, id="killed"),
        pytest.param(Server.stop, id="stopped", marks=pytest.mark.lasts(15)),
    ],
)
def test_x01_sound_and_picture_go_on_while_the_server_is_away(
    unit: EngineUnit, couple: tuple[Person, Person], end: Callable[[Server], int]
) -> None:
    office = Office(unit.server)
    call = consult(unit.server, office, couple)
    call.meet()
    engine = unit.engine()
    stayed = _stays(unit)

    end(unit.server)
    longest = call.goes_on(for_seconds=AWAY_SECONDS, within=GOES_ON_WITHIN)
    unit.server.start()
    wait_for("the server to find the engine", unit.is_found, within=BACK_WITHIN)
    longest = max(longest, call.meet(within=GOES_ON_WITHIN))
    office.expel(call.room, call.patient.user)

    # The new process is the one that decides, and that the engine reports to.
    assert call.patient.is_told(within=15).numbers == "0/5317"
    wait_for("he is out at the engine", lambda: len(_stays(unit)) == 1, within=5)
    assert unit.engine() == engine
    assert _stays(unit) < stayed
    figure(
        "X01, longest wait for a new picture and sound",
        longest,
        at_most=GOES_ON_WITHIN,
        unit="s",
    )
    office.close()


def _stays(unit: EngineUnit) -> set[str]:
    """The stays at the engine, by their ids."""
    return {each.text.partition('"sid": "')[2].partition('"')[0] for each in _occupants(unit)}


def _occupants(unit: EngineUnit) -> list[Occupant]:
    return EngineEye(unit.server.data).occupants()


@pytest.fixture
def meeting(unit: EngineUnit) -> Iterator[tuple[str, list[Guest], Office]]:
    """Two in a call."""
    office = Office(unit.server)
    with guests(unit.server, office, ROLES) as (room, people):
        for each in people:
            each.join(room)
            each.open_media()
        yield room, people, office
    office.close()


def test_x21_an_engine_that_is_told_to_stop_waits_for_people_and_takes_no_new_calls(
    unit: EngineUnit, meeting: tuple[str, list[Guest], Office]
) -> None:
    room, (one, two), office = meeting
    with guests(unit.server, office, ROLES) as (other_room, (stranger, _)):
        stranger.call()

        unit.ask_to_end()
        wait_for("no new calls", lambda: _is_refused(stranger, other_room), within=3)
        stays("it waits for them", lambda: not unit.has_ended(), for_seconds=2)
        two.hang_up_media()
        two.join(room)
        two.open_media()
        one.agent.ask("ping")
        assert [event["event"] for event in one.agent.events] == []

        for each in (one, two):
            each.agent.leave(each.leg.call_id)
        _, took = wait_for("it ends", unit.has_ended, within=10)

    assert unit.forget() == 0
    figure("X21, ends after the last has left", took, at_most=ENDS_WITHIN, unit="s")


@pytest.mark.lasts(10)
def test_x21_at_its_limit_it_ends_without_a_word_and_people_go_over_to_the_next(
    short_drain: EngineUnit,
) -> None:
    unit = short_drain
    office = Office(unit.server)
    with guests(unit.server, office, ROLES) as (room, people):
        for each in people:
            each.join(room)
            each.open_media()

        unit.ask_to_end()
        _, took = wait_for("it ends", unit.has_ended, within=LIMIT + 5)
        closed = [each.line.closed_with(within=2) for each in people if each.line is not None]
        heard = [kind for each in people if each.line for kind in each.line.kinds()]
        unit.forget()
        unit.start()
        unit.wait_until_ready()
        back = max(each.come_back(within=BACK_WITHIN) for each in people)
        for each in people:
            each.agent.ask("ping")
            assert "ended" not in [event["event"] for event in each.agent.events]
    office.close()

    # 1012: come back. Nobody was told by the engine to leave.
    assert closed == [1012, 1012]
    assert "leave" not in heard
    assert took >= LIMIT - 0.5
    figure("X21, media open at the next engine", back, at_most=BACK_WITHIN, unit="s")


@pytest.fixture
def short_drain(unit: EngineUnit) -> EngineUnit:
    """The same with a limit that is over soon."""
    unit.kill()
    unit.drain_seconds = LIMIT
    unit.start()
    unit.wait_until_ready()
    return unit


def _is_refused(who: Guest, room: str) -> bool:
    try:
        who.join(room)
    except Refusal as refusal:
        return (refusal.code, refusal.sub_code) == (503, 0)
    who.agent.leave(who.leg.call_id)
    return False
