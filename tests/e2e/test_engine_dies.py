"""The engine is killed in mid-call: those who may come back, without a reload, and nobody else."""

import time

import pytest
from support.callpage import UNHEARD, Caller
from support.deadlines import stays, wait_for
from support.engine import EngineEye
from support.office import CONSUMER, Office
from support.report import figures
from support.scenes import MET_WITHIN, Consultation
from support.server import Server

BACK_WITHIN = 5.0


def test_both_see_and_hear_each_other_again_each_time(
    request: pytest.FixtureRequest, server: Server, consultation: Consultation
) -> None:
    times: int = request.config.getoption("--kills")
    doctor, patient = consultation.doctor, consultation.patient
    _mark(doctor, patient)

    took = [_kill_and_meet(server, consultation) for _ in range(times)]

    figures("engine killed: seen and heard again", took, at_most=BACK_WITHIN, unit="s")
    assert len(took) == times
    assert _is_marked(doctor)
    assert _is_marked(patient)
    assert len(doctor.tiles()) == len(patient.tiles()) == 1


def test_who_is_removed_while_the_engine_is_away_does_not_come_back(
    server: Server, office: Office, consultation: Consultation
) -> None:
    doctor, patient = consultation.doctor, consultation.patient

    killed = server.kill_engine()
    office.expel(consultation.room, patient.user)

    assert patient.is_told(within=5).numbers == "0/5317"
    wait_for("a new engine", lambda: _new_engine(server, killed), within=BACK_WITHIN)
    wait_for("the doctor back, alone", lambda: _is_alone(server, doctor), within=BACK_WITHIN)
    stays("he is alone", lambda: _is_alone(server, doctor), for_seconds=3)
    assert doctor.tiles() == []


def test_who_is_demoted_while_the_engine_is_away_comes_back_to_watch(
    server: Server, office: Office, consultation: Consultation
) -> None:
    doctor, patient = consultation.doctor, consultation.patient

    killed = server.kill_engine()
    office.invite(consultation.room, patient.user, CONSUMER)

    wait_for("a new engine", lambda: _new_engine(server, killed), within=BACK_WITHIN)
    patient.meets(doctor, within=MET_WITHIN)
    stays("he only watches", lambda: _only_watches(server, patient), for_seconds=3)
    assert doctor.loudness(patient, milliseconds=600) < UNHEARD


def _is_alone(server: Server, who: Caller) -> bool:
    places = EngineEye(server.data).occupants()
    return [each.identity.partition("~")[0] for each in places] == [who.user.raw_id]


def _only_watches(server: Server, who: Caller) -> bool:
    places = EngineEye(server.data).of(who.user.raw_id)
    return [(each.may_publish, each.tracks) for each in places] == [(False, ())]


def _kill_and_meet(server: Server, call: Consultation) -> float:
    """Kill the engine; gives the seconds until all four ways of picture and sound are back."""
    killed, start = server.kill_engine(), time.monotonic()
    wait_for("a new engine", lambda: _new_engine(server, killed), within=20)
    call.meet()
    return time.monotonic() - start


def _new_engine(server: Server, killed: int) -> bool:
    engine = server.engine()
    return engine is not None and engine.pid != killed


def _mark(*people: Caller) -> None:
    for each in people:
        each.person.evaluate("globalThis.sameDocument = true")


def _is_marked(who: Caller) -> bool:
    return bool(who.person.evaluate("globalThis.sameDocument === true"))
