"""A started server, and users who may be a crowd in a room of it."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from support.deadlines import wait_for
from support.generator import Generator, Guest
from support.office import ATTENDEE, Office, User
from support.server import Server

from bench.programs import SERVER_CORE, on_core

TALKERS = 3
# Whoever still hears something so long after he was taken out has missed every bar.
LONGEST_FAREWELL = 5.0
NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Hall:
    """A server on its core. One of its users has no place in a full call."""

    server: Server
    office: Office
    users: Sequence[User]

    @property
    def service(self) -> psutil.Process:
        return psutil.Process(self.server.pid)

    @property
    def engine(self) -> psutil.Process:
        found, _ = wait_for("the engine", self.server.engine, within=10)
        return found

    def room(self) -> str:
        """A new room to which all of them are invited."""
        return self.office.room(dict.fromkeys(self.users, ATTENDEE))

    def guests(self, people: int, *, exact: int = 0) -> list[Guest]:
        """So many of the users: the first three talk, the last are counted exactly."""
        return [
            Guest(user.token, talks=at < TALKERS, exact=at >= people - exact)
            for at, user in enumerate(self.users[:people])
        ]

    def remove(self, crowd: Generator, room: str, people: Sequence[int]) -> list[float]:
        """Take people off the roster, one by one; for each how long he still heard, in seconds."""
        asked = []
        for at in people:
            asked.append(time.time_ns())
            self.office.expel(room, self.users[at])
        time.sleep(LONGEST_FAREWELL)
        told = crowd.last(people)
        return [
            max(0.0, (one.heard - since) / NANOSECONDS)
            for one, since in zip(told, asked, strict=True)
        ]


@contextmanager
def hall(folder: Path, places: int) -> Iterator[Hall]:
    """One whose calls have so many places, and one user more, for as long as the block lasts."""
    settings = {
        "OPENROOMS_LOG_LEVEL": "info",
        "OPENROOMS_ROSTER_LIMIT": str(places + 1),
        "OPENROOMS_PARTICIPANT_LIMIT": str(places),
    }
    server = Server(folder, environment=settings, own_clock=False)
    try:
        with on_core(SERVER_CORE):
            server.start()
        office = Office(server)
        try:
            yield Hall(server, office, [office.user() for _ in range(places + 1)])
        finally:
            office.close()
    finally:
        server.close()
