"""X15, X17, X18, X19: a machine falls silent for a while, a page is reloaded, a tab is killed."""

import json
import os
import signal
import time
from collections.abc import Iterator

import psutil
import pytest
from fault.conftest import Dose
from support.agents import Agent, agent
from support.browser import Person, Town
from support.callpage import Caller
from support.deadlines import wait_for
from support.island import Island, island
from support.likeness import DOCTOR, PATIENT
from support.office import Office
from support.report import figure
from support.scenes import MET_WITHIN, Consultation, call_in, consult
from support.server import Server

KILLED_GONE_WITHIN = 20.0
SILENT_GONE_AFTER = 120.0
SILENT_GONE_WITHIN = 125.0
RESUMES_WITHIN = 5.0
ONE_AGAIN_WITHIN = 5.0


@pytest.fixture
def call(server: Server, people: Town) -> Iterator[Consultation]:
    office = Office(server)
    made = consult(server, office, call_in(people))
    made.meet()
    yield made
    office.close()


@pytest.mark.lasts(30)
def test_x19_a_killed_tab_is_gone_for_others_within_seconds(
    server: Server, call: Consultation
) -> None:
    doctor, patient = call.doctor, call.patient
    agent_id = _agent_id(patient)

    for pid in _processes(patient.person, "renderer"):
        os.kill(pid, signal.SIGKILL)
    _, took = wait_for("no tile of him", lambda: doctor.tiles() == [], within=60)
    with agent(server.ready.browser_url, server.secrets) as back:
        back.hello(patient.user.token, agent_id=agent_id)
        reason = _reason(back)

    assert reason == (0, 4521)
    figure("X19, a killed tab is gone for others after", took, at_most=KILLED_GONE_WITHIN, unit="s")


@pytest.mark.lasts(15)
def test_x17_a_reloaded_page_is_back_and_nobody_is_shown_twice_for_long(
    call: Consultation,
) -> None:
    doctor, patient = call.doctor, call.patient
    seen: list[tuple[float, int]] = []

    def is_back() -> bool:
        seen.append((time.monotonic(), len(doctor.tiles())))
        return patient.is_in_call()

    patient.person.page.reload()
    begun = time.monotonic()
    wait_for("he is in the call again", is_back, within=MET_WITHIN)
    wait_for("one tile of him", lambda: is_back() and seen[-1][1] == 1, within=10)
    once = time.monotonic() - begun
    met = call.meet()

    assert len(doctor.tiles()) == 1
    twice = [at for at, tiles in seen if tiles > 1]
    shown_twice = max(twice) - min(twice) if twice else 0.0
    figure("X17, shown once again after", once, at_most=ONE_AGAIN_WITHIN, unit="s")
    figure("X17, shown twice for", shown_twice, at_most=ONE_AGAIN_WITHIN, unit="s")
    figure("X17, seen and heard again after", once + met, at_most=MET_WITHIN, unit="s")


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(10, marks=pytest.mark.lasts(20)),
        pytest.param(60, marks=pytest.mark.lasts(75)),
    ],
)
def test_x18_who_slept_for_a_while_is_in_the_call_again(call: Consultation, seconds: float) -> None:
    doctor, patient = call.doctor, call.patient
    patient.person.evaluate("globalThis.sameDocument = true")
    frozen = _freeze(patient.person)
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        # He is in doubt, and not gone.
        assert len(doctor.tiles()) == 1
    _thaw(frozen)

    back = call.meet()

    assert patient.person.evaluate("globalThis.sameDocument === true")
    assert len(doctor.tiles()) == 1
    figure(f"X18, seen and heard again after {seconds} s", back, at_most=RESUMES_WITHIN, unit="s")


@pytest.mark.lasts(145)
def test_x18_who_sleeps_for_long_is_gone_and_is_told_why(call: Consultation, dose: Dose) -> None:
    doctor, patient = call.doctor, call.patient

    frozen = _freeze(patient.person)
    begun = time.monotonic()
    try:
        wait_for("no tile of him", lambda: doctor.tiles() == [], within=160, every=0.5)
        took = time.monotonic() - begun
        while time.monotonic() - begun < dose.sleep_seconds:
            # Once gone he is gone.
            assert doctor.tiles() == []
    finally:
        _thaw(frozen)
    told = patient.is_told(within=20)

    # His own clock went on as he slept: the server is asked, and it knows.
    assert told.numbers == "410/301005"
    assert took >= SILENT_GONE_AFTER - 5
    figure("X18, who sleeps is gone after", took, at_most=SILENT_GONE_WITHIN, unit="s")


@pytest.fixture
def remote(server: Server) -> Iterator[Island]:
    """The patient's own network."""
    with island(server.ports) as made:
        yield made


@pytest.fixture
def distant(server: Server, people: Town, remote: Island) -> Iterator[Consultation]:
    """A call between networks."""
    office = Office(server)
    made = consult(server, office, (people.call(DOCTOR), people.call(PATIENT, on=remote)))
    made.meet()
    yield made
    office.close()


@pytest.mark.parametrize(
    ("seconds", "within"),
    [
        pytest.param(10, 3.0, marks=pytest.mark.lasts(20)),
        pytest.param(60, 20.0, marks=pytest.mark.lasts(90)),
    ],
)
def test_x15_who_had_no_network_for_a_while_is_in_the_call_again(
    distant: Consultation, remote: Island, seconds: float, within: float
) -> None:
    doctor, patient = distant.doctor, distant.patient
    patient.person.evaluate("globalThis.sameDocument = true")
    remote.cut()
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        # He is in doubt, and not gone.
        assert len(doctor.tiles()) == 1
    remote.mend()

    back = distant.meet(within=60)

    assert patient.person.evaluate("globalThis.sameDocument === true")
    assert len(doctor.tiles()) == 1
    figure(f"X15, seen and heard again after {seconds} s", back, at_most=within, unit="s")


@pytest.mark.lasts(150)
def test_x15_who_has_no_network_for_two_minutes_is_gone_and_both_are_told(
    distant: Consultation, remote: Island
) -> None:
    doctor, patient = distant.doctor, distant.patient

    remote.cut()
    begun = time.monotonic()
    wait_for("no tile of him", lambda: doctor.tiles() == [], within=160, every=0.5)
    took = time.monotonic() - begun
    told = patient.is_told(within=20)

    # He can ask nobody: his page itself says that it lost the server.
    assert told.numbers == "496/7"
    assert took >= SILENT_GONE_AFTER - 5
    figure("X15, who has no network is gone after", took, at_most=SILENT_GONE_WITHIN, unit="s")


def _processes(person: Person, kind: str) -> list[int]:
    listed = person.processes()
    return [each["id"] for each in listed if each["type"] == kind]


def _freeze(person: Person) -> list[psutil.Process]:
    """Stop all of his browser: nothing is sent, nothing is closed."""
    (browser,) = (psutil.Process(pid) for pid in _processes(person, "browser"))
    stopped = [browser, *browser.children(recursive=True)]
    for process in stopped:
        process.suspend()
    return stopped


def _thaw(stopped: list[psutil.Process]) -> None:
    for process in reversed(stopped):
        process.resume()


def _agent_id(who: Caller) -> str:
    """The id of his page's agent, as an eavesdropper reads it."""
    for frame in who.person.wire.got:
        if isinstance(frame, str) and "agentId" in frame:
            return str(json.loads(frame)["ok"]["agentId"])
    raise AssertionError("no agent id was ever told")


def _reason(back: Agent) -> tuple[int, int]:
    told = back.event("ended", within=5)
    return told["code"], told["subCode"]
