"""Clients who write down what they were promised, to hold a server that was killed to it."""

import http.client
import json
import random
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

from support.faults.accounts import Accounts
from support.faults.verdict import Verdict
from support.server import Server
from support.signed import Answered, Ask, Caller, expect
from support.threads import at_work

VERSION = "api-version=2025-03-13"
SETTINGS = "/openrooms/v1/rooms/{}"
ROLES = ("Presenter", "Attendee", "Consumer")
ROSTER = 12
GONE = (OSError, http.client.HTTPException)
JSON = {"Content-Type": "application/json"}
MERGE = {"Content-Type": "application/merge-patch+json"}


@dataclass(slots=True)
class Room:
    """A room that was asked for, and what is known of it."""

    ask: Ask
    roster: dict[str, str]
    id: str | None = None
    deleted: bool = False
    # Members of the room and of its settings that were changed.
    facts: dict[str, object] = field(default_factory=dict)
    # Asked for, and not answered: it may hold or not.
    maybe_role: tuple[str, str] | None = None
    maybe_facts: dict[str, object] = field(default_factory=dict)
    maybe_deleted: bool = False


class Writer:
    """One client, in a thread of its own: makes rooms and users, changes and deletes them, until it is cut off."""

    def __init__(self, server: Server, seed: int) -> None:
        self.rooms: list[Room] = []
        self.promised = 0
        self._server = server
        self._chance = random.Random(seed)
        self._caller = Caller(server.ready)
        self._accounts = Accounts(self._caller)

    def close(self) -> None:
        self._caller.close()

    def write(self, stop: threading.Event) -> None:
        """Write without a pause until told to stop, or until the server is gone."""
        try:
            while not stop.is_set():
                self._act()
        except GONE:
            self._caller.close()

    def settle(self, verdict: Verdict) -> None:
        """Ask for what was not answered once more, then hold the server to every promise."""
        for room in self.rooms:
            if room.id is None:
                verdict.repeated += 1
                room.id = self._made(self._caller.call(room.ask))
                if self._made(self._caller.call(room.ask)) != room.id:
                    verdict.twice.append(room.id)
            self._check(room, verdict)
        self._accounts.settle(verdict)
        verdict.promised += self.promised
        self.promised = 0

    def forget(self) -> list[str]:
        """The ids of the rooms that live, which are checked no more."""
        living = [room.id for room in self.rooms if room.id is not None and not room.deleted]
        self.rooms.clear()
        return living

    # -- inside -----------------------------------------------------------------------------

    def _act(self) -> None:
        living = [room for room in self.rooms if not room.deleted]
        dice = self._chance.random()
        if dice < 0.4 or not living:
            self._create()
        elif dice < 0.55:
            self._accounts.act(self._chance)
        elif dice < 0.9:
            change = self._chance.choice((self._give_role, self._change, self._set))
            change(self._chance.choice(living))
        else:
            self._delete(self._chance.choice(living))
        self.promised += 1

    def _create(self) -> None:
        roster = {f"8:acs:{uuid.uuid4()}_{uuid.uuid4()}": "Attendee" for _ in range(ROSTER)}
        body = {"participants": {who: {"role": role} for who, role in roster.items()}}
        headers = JSON | {
            "Repeatability-Request-ID": str(uuid.uuid4()),
            "Repeatability-First-Sent": format_datetime(datetime.now(UTC), usegmt=True),
        }
        room = Room(Ask("POST", f"/rooms?{VERSION}", json.dumps(body).encode(), headers), roster)
        self.rooms.append(room)
        room.id = self._made(self._caller.call(room.ask))

    def _give_role(self, room: Room) -> None:
        who, role = self._chance.choice(list(room.roster)), self._chance.choice(ROLES)
        room.maybe_role = (who, role)
        body = json.dumps({"participants": {who: {"role": role}}}).encode()
        target = f"/rooms/{room.id}/participants?{VERSION}"
        expect(self._caller.call(Ask("PATCH", target, body, MERGE)), 200)
        room.roster[who] = role
        room.maybe_role = None

    def _change(self, room: Room) -> None:
        until = datetime.now(UTC) + timedelta(days=self._chance.randrange(1, 90))
        wish: dict[str, object] = {
            "pstnDialOutEnabled": self._chance.random() < 0.5,
            "validUntil": until.replace(microsecond=0).isoformat(),
        }
        self._patch(room, f"/rooms/{room.id}?{VERSION}", wish)

    def _set(self, room: Room) -> None:
        wish: dict[str, object] = {
            "atExpiry": self._chance.choice(("stay", "end")),
            "graceMinutes": self._chance.randrange(60),
        }
        self._patch(room, SETTINGS.format(room.id), wish)

    def _patch(self, room: Room, target: str, wish: dict[str, object]) -> None:
        room.maybe_facts = wish
        expect(self._caller.call(Ask("PATCH", target, json.dumps(wish).encode(), MERGE)), 200)
        room.facts |= wish
        room.maybe_facts = {}

    def _delete(self, room: Room) -> None:
        room.maybe_deleted = True
        expect(self._caller.call(Ask("DELETE", f"/rooms/{room.id}?{VERSION}")), 204)
        room.deleted, room.maybe_deleted = True, False

    def _check(self, room: Room, verdict: Verdict) -> None:
        found = self._caller.call(Ask("GET", f"/rooms/{room.id}/participants?{VERSION}"))
        if found.status == 404:
            if not (room.deleted or room.maybe_deleted):
                verdict.lost.append(f"room {room.id}")
            room.deleted = True
            return
        expect(found, 200)
        if room.deleted:
            verdict.lost.append(f"deletion of {room.id}")
        roster = {one["rawId"]: one["role"] for one in found.json["value"]}
        if set(roster) != set(room.roster):
            verdict.half_made.append(f"{room.id}: {len(roster)} of {len(room.roster)}")
        maybe = dict([room.maybe_role]) if room.maybe_role else {}
        if roster not in (room.roster, room.roster | maybe):
            verdict.lost.append(f"a role in {room.id}")
        room.roster, room.maybe_role, room.maybe_deleted = roster, None, False
        self._check_facts(room, verdict)

    def _check_facts(self, room: Room, verdict: Verdict) -> None:
        told: dict[str, object] = {}
        for target in (f"/rooms/{room.id}?{VERSION}", SETTINGS.format(room.id)):
            told |= expect(self._caller.call(Ask("GET", target)), 200).json
        found = {name: told[name] for name in room.facts}
        # A change is done whole or not at all.
        perhaps = room.facts | {
            name: value for name, value in room.maybe_facts.items() if name in room.facts
        }
        if found not in (room.facts, perhaps):
            verdict.lost.append(f"a change of {room.id}: {found}, not {room.facts}")

    def _made(self, answer: Answered) -> str:
        expect(answer, 201)
        return str(answer.json["id"])


def listed(server: Server) -> Iterator[str]:
    """Every room that a server lists."""
    caller = Caller(server.ready)
    target: str | None = f"/rooms?{VERSION}"
    while target is not None:
        said = caller.call(Ask("GET", target)).json
        yield from (room["id"] for room in said["value"])
        link = said.get("nextLink")
        target = None if link is None else "/" + link.removeprefix(server.ready.endpoint)
    caller.close()


def write_until(writers: list[Writer], end: Callable[[], object]) -> None:
    """Let all of them write until `end`, which ends the server, has done so."""
    stop = threading.Event()
    with at_work([partial(writer.write, stop) for writer in writers], stop):
        end()
