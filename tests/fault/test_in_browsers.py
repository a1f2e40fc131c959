"""X04, X05, X06 as people in a call see them: the engine freezes or stays away, the database is away."""

import signal
import time

import pytest
from support.browser import Town
from support.callpage import Caller
from support.deadlines import wait_for
from support.office import ATTENDEE, Office
from support.postgres import Postgres
from support.report import figure
from support.scenes import Consultation, call_in, consult
from support.server import Server
from support.unit import EngineUnit

BACK_WITHIN = 5.0
GOES_ON_WITHIN = 2.0
UNWELL_WITHIN = 10.0
AWAY_SECONDS = 5.0
# How long a page tries to get in, and some time on top.
REFUSED_WITHIN = 75.0
GIVEN_UP_AFTER, GIVEN_UP_WITHIN = 115.0, 130.0


def _meeting(server: Server, office: Office, people: Town) -> Consultation:
    call = consult(server, office, call_in(people))
    call.meet()
    for each in (call.doctor, call.patient):
        each.person.evaluate("globalThis.sameDocument = true")
    return call


def _never_reloaded(call: Consultation) -> bool:
    both = (call.doctor, call.patient)
    return all(each.person.evaluate("globalThis.sameDocument === true") for each in both)


@pytest.mark.lasts(20)
def test_x04_both_see_and_hear_each_other_again_after_the_engine_froze(
    server: Server, office: Office, people: Town
) -> None:
    call = _meeting(server, office, people)
    frozen = server.engine()
    assert frozen is not None

    frozen.send_signal(signal.SIGSTOP)
    wait_for("health turns bad", lambda: not _is_well(server), within=UNWELL_WITHIN)
    wait_for("health is good again", lambda: _is_well(server), within=BACK_WITHIN)
    back = call.meet()

    assert _never_reloaded(call)
    assert [len(each.tiles()) for each in (call.doctor, call.patient)] == [1, 1]
    figure("X04, seen and heard after health is good", back, at_most=BACK_WITHIN, unit="s")


@pytest.mark.lasts(140)
def test_x05_without_an_engine_nobody_waits_for_ever(unit: EngineUnit, people: Town) -> None:
    office = Office(unit.server)
    call = _meeting(unit.server, office, people)
    late = Caller(
        people.call(call.patient.person.likeness), unit.server, user=office.user(), name="Cy"
    )
    office.invite(call.room, late.user, ATTENDEE)

    unit.kill()
    gone = time.monotonic()
    late.open(call.room)
    late.press_join()
    refused = late.is_told(within=REFUSED_WITHIN)
    ends = [each.is_told(within=GIVEN_UP_WITHIN) for each in (call.doctor, call.patient)]
    took = time.monotonic() - gone
    office.close()

    assert refused.numbers == "503/0"
    assert [end.numbers for end in ends] == ["410/301005"] * 2
    assert took >= GIVEN_UP_AFTER
    figure("X05, both are told of the end after", took, at_most=GIVEN_UP_WITHIN, unit="s")


@pytest.mark.lasts(20)
def test_x06_sound_and_picture_go_on_while_the_database_is_away(
    on_postgres: tuple[Server, str], durable_postgres: Postgres, people: Town
) -> None:
    server, _ = on_postgres
    office = Office(server)
    call = _meeting(server, office, people)

    durable_postgres.stop()
    longest = call.goes_on(for_seconds=AWAY_SECONDS, within=GOES_ON_WITHIN)
    durable_postgres.start()
    wait_for("health is good again", lambda: server.health()["parts"]["database"], within=10)
    longest = max(longest, call.meet(within=GOES_ON_WITHIN))
    office.expel(call.room, call.patient.user)

    assert call.patient.is_told(within=15).numbers == "0/5317"
    assert _never_reloaded(call)
    figure(
        "X06, longest wait for a new picture and sound",
        longest,
        at_most=GOES_ON_WITHIN,
        unit="s",
    )
    office.close()


def _is_well(server: Server) -> bool:
    return bool(server.health()["parts"]["engine"])
