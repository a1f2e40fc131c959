"""A server and two people, each on a machine of his own; and by which way their media goes."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from support.browser import Person, Town
from support.callpage import Caller
from support.deadlines import wait_for
from support.internet import Internet, Machine, internet
from support.likeness import DOCTOR, PATIENT
from support.office import ATTENDEE, PRESENTER, Office
from support.scenes import DOCTORS_NAME, PATIENTS_NAME, Consultation
from support.sdkpage import Client
from support.server import Ready, Server

SERVER, DOCTORS, PATIENTS, ROUTER = "192.0.2.10", "198.51.100.7", "10.1.1.7", "203.0.113.5"
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

    def __init__(
        self, folder: Path, machine: Machine, *, environment: Mapping[str, str] | None = None
    ) -> None:
        options = ("--public-host", machine.address)
        super().__init__(folder, *options, environment=environment, before=machine.enter)
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

    def seat(self) -> Sequence[Person]:
        """Each in front of his browser."""
        seated = [
            self.people.call(who, on=machine, trusting=True)
            for who, machine in zip((DOCTOR, PATIENT), self.machines, strict=True)
        ]
        for one in seated:
            one.page.context.add_init_script(WAYS)
        return seated

    def clients(self, page: str) -> tuple[Client, Client]:
        """Both with the page of tests."""
        for machine in self.machines:
            machine.bring(urlsplit(page).port or 0)
        doctors, patients = self.seat()
        return Client(doctors, page), Client(patients, page)

    def call_in(self) -> tuple[Consultation, float]:
        """Both in a room's call; and the seconds from the patient's click until they met."""
        doctors, patients = self.seat()
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


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody's media goes: the kind of his candidate, over what, and where to."""

    kind: str
    protocol: str
    target: str


def way_of(caller: Caller) -> Way:
    found, _ = wait_for("a way", lambda: caller.person.evaluate(WAY), within=5)
    return Way(*found)


@contextmanager
def world_of(
    people: Town, folder: Path, *, environment: Mapping[str, str] | None = None
) -> Iterator[World]:
    """The doctor has an address that all reach, the patient is behind a NAT."""
    with ExitStack() as stack:
        server, doctor = Machine(SERVER), Machine(DOCTORS)
        patient = Machine(PATIENTS, public=ROUTER)
        net = stack.enter_context(internet(server, doctor, patient))
        service = PublicServer(folder, server, environment=environment)
        stack.enter_context(service.running())
        stack.callback(people.empty)
        yield World(net, service, (doctor, patient), people)
