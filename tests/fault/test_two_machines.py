"""People on machines of their own, and a server on a third, under a public address: NAT, firewalls."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pytest
from support.browser import Town
from support.callpage import Caller
from support.deadlines import wait_for
from support.internet import Internet, Machine, internet
from support.likeness import DOCTOR, PATIENT
from support.office import ATTENDEE, PRESENTER, Office
from support.report import figure
from support.scenes import DOCTORS_NAME, PATIENTS_NAME, Consultation
from support.server import Ready, Server

SERVER, DOCTORS, PATIENTS, ROUTER = "192.0.2.10", "198.51.100.7", "10.1.1.7", "203.0.113.5"
MEETS_WITHIN = 10.0
# The port of the server under test, which is another each time.
HTTPS = -1
WAYS = """
  globalThis.connections = [];
  const Native = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(...given) {
      super(...given);
      globalThis.connections.push([this, given[0]]);
    }
    setConfiguration(given) {
      globalThis.connections.push([this, given]);
      super.setConfiguration(given);
    }
  };
"""
# The candidates of the pair that carries media now, and all servers that the page ever used.
WAY = """async () => {
  for (const [one] of connections.toReversed()) {
    const all = new Map([...(await one.getStats())].map(([id, each]) => [id, each]));
    for (const each of all.values()) {
      if (each.type !== "transport" || !each.selectedCandidatePairId) continue;
      const pair = all.get(each.selectedCandidatePairId);
      const mine = all.get(pair.localCandidateId), theirs = all.get(pair.remoteCandidateId);
      return [mine.candidateType, mine.relayProtocol ?? mine.protocol, `${theirs.address}:${theirs.port}`];
    }
  }
}"""
SERVERS = """() => [...new Set(connections.flatMap(([, given]) =>
  (given?.iceServers ?? []).flatMap((each) => each.urls)))]"""


class PublicServer(Server):
    """A server on a machine of its own, which its operator reaches by a door."""

    def __init__(self, folder: Path, machine: Machine) -> None:
        before = (*machine.enter, "env")
        super().__init__(folder, "--public-host", machine.address, before=before)
        self.machine = machine

    @cached_property
    def door(self) -> int:
        return self.machine.door(self.ports.https)

    @property
    def ready(self) -> Ready:
        told = super().ready
        key = told.connection_string.partition(";")[2]
        return replace(told, connection_string=f"endpoint=https://localhost:{self.door}/;{key}")


@dataclass(frozen=True, slots=True)
class World:
    """A server and two people, each on a machine of his own."""

    net: Internet
    server: PublicServer
    machines: Sequence[Machine]
    people: Town

    def call_in(self) -> tuple[Consultation, float]:
        """Both in a room's call; and the seconds from the patient's click until they met."""
        doctors, patients = (
            self.people.call(who, on=machine, trusting=True)
            for who, machine in zip((DOCTOR, PATIENT), self.machines, strict=True)
        )
        for one in (doctors, patients):
            one.page.context.add_init_script(WAYS)
        office = Office(self.server)
        doctor = Caller(doctors, self.server, user=office.user(), name=DOCTORS_NAME)
        patient = Caller(patients, self.server, user=office.user(), name=PATIENTS_NAME)
        room = office.room({doctor.user: PRESENTER, patient.user: ATTENDEE})
        office.close()
        doctor.join(room)
        patient.open(room)
        begun = time.monotonic()
        patient.enter()
        made = Consultation(room, doctor, patient)
        made.meet()
        return made, time.monotonic() - begun


@pytest.fixture
def world(people: Town, tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        server, doctor = Machine(SERVER), Machine(DOCTORS)
        patient = Machine(PATIENTS, public=ROUTER)
        net = stack.enter_context(internet(server, doctor, patient))
        service = PublicServer(tmp_path / "server", server)
        stack.enter_context(service.running())
        stack.callback(people.empty)
        yield World(net, service, (doctor, patient), people)


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody's media goes: the kind of his candidate, over what, and where to."""

    kind: str
    protocol: str
    target: str


def way_of(caller: Caller) -> Way:
    found, _ = wait_for("a way", lambda: caller.person.evaluate(WAY), within=5)
    return Way(*found)


@pytest.mark.lasts(25)
def test_two_machines_meet_one_of_them_behind_a_nat(world: World) -> None:
    call, took = world.call_in()

    media = f"{SERVER}:{world.server.ports.media}"
    ways = [way_of(caller) for caller in (call.doctor, call.patient)]
    assert {(way.protocol, way.target) for way in ways} == {("udp", media)}
    for caller in (call.doctor, call.patient):
        # No other server than ours was ever asked, or could have been.
        assert sorted(caller.person.evaluate(SERVERS)) == [
            f"turn:{SERVER}:3478?transport=udp",
            f"turns:{SERVER}:5349?transport=tcp",
        ]
    figure("two machines, one behind NAT, met after", took, at_most=MEETS_WITHIN, unit="s")


@pytest.mark.parametrize(
    ("firewall", "kind", "protocol"),
    [
        pytest.param(
            {"udp_to": [], "tcp_to": [HTTPS, 7881]},
            *("prflx", "tcp"),
            id="no UDP",
            marks=pytest.mark.lasts(25),
        ),
        pytest.param({"udp_to": [], "tcp_to": [HTTPS, 5349]}, *("relay", "tls"), id="TLS alone"),
        pytest.param(
            {"udp_to": [3478], "tcp_to": [HTTPS]},
            *("relay", "udp"),
            id="the relay's UDP alone",
            marks=pytest.mark.lasts(25),
        ),
    ],
)
def test_x13_who_is_behind_a_firewall_meets_all_the_same(
    world: World, firewall: Mapping[str, list[int]], kind: str, protocol: str
) -> None:
    named = {HTTPS: world.server.ports.https}
    ports = {way: [named.get(one, one) for one in some] for way, some in firewall.items()}
    world.net.change(world.machines[1], **ports)
    call, took = world.call_in()

    way = way_of(call.patient)
    assert (way.kind, way.protocol) == (kind, protocol)
    assert way_of(call.doctor).protocol == "udp"
    figure(f"X13, by {kind} over {protocol}, met after", took, at_most=MEETS_WITHIN, unit="s")
