"""The engine is killed in mid-call: both see and hear each other again, and nobody reloads."""

import time

from support.callpage import Caller
from support.deadlines import wait_for
from support.report import figures
from support.scenes import Consultation
from support.server import Server

BACK_WITHIN = 5.0
TIMES = 10


def test_both_see_and_hear_each_other_again_ten_times_in_ten(
    server: Server, consultation: Consultation
) -> None:
    doctor, patient = consultation.doctor, consultation.patient
    _mark(doctor, patient)

    took = [_kill_and_meet(server, consultation) for _ in range(TIMES)]

    figures("engine killed: seen and heard again", took, at_most=BACK_WITHIN, unit="s")
    assert len(took) == TIMES
    assert _is_marked(doctor)
    assert _is_marked(patient)
    assert len(doctor.tiles()) == len(patient.tiles()) == 1


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
