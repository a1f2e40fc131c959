"""Writes of every kind, one after the other, and what each of them promises that the database holds."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from support.faults.asking import IDENTITY_VERSION, Asker, Told
from support.server import Server

ROOMS, ROSTER = 20, 30
# Of each kind beside creates. A token promises nothing: the moment of its issue is noted later.
EACH = 5
_ROOM = "SELECT count(*) FROM room WHERE id = ? AND deleted_at IS NULL"
_FLAG = "SELECT pstn_dial_out_enabled FROM room WHERE id = ?"
_ROLE = "SELECT role FROM invitation JOIN room ON number = room_number WHERE id = ? AND raw_id = ?"
_USER = "SELECT count(*) FROM identity WHERE user_id = ? AND deleted_at IS NULL"
_GENERATION = "SELECT generation > 1 FROM identity WHERE user_id = ?"


@dataclass(frozen=True, slots=True)
class Promise:
    """What was asked for and answered well, and what a question to the database then finds."""

    what: str
    statement: str
    parameters: tuple[object, ...]
    found: list[object]

    @property
    def about(self) -> tuple[object, ...]:
        """A later promise about the same takes the place of this one."""
        return (self.statement, *self.parameters)


def promised(server: Server) -> Iterator[Promise]:
    """One write at a time, so that a trace of the server can be read."""
    asker = Asker(server)
    rooms = list[int]()
    for _ in range(ROOMS):
        people = [f"8:acs:{uuid.uuid4()}_{uuid.uuid4()}" for _ in range(ROSTER)]
        roster = {who: {"role": "Attendee"} for who in people}
        rooms.append(int(_well(asker.ask("POST", "/rooms", {"participants": roster})).json["id"]))
        yield Promise("create", _ROOM, (rooms[-1],), [1])
        if len(rooms) <= EACH:
            yield from _changed(asker, rooms[-1], people[-1])
            yield from _identity(asker)
    for room in rooms[-EACH:]:
        _well(asker.ask("DELETE", f"/rooms/{room}"))
        yield Promise("delete", _ROOM, (room,), [0])


def _changed(asker: Asker, room: int, who: str) -> Iterator[Promise]:
    _well(asker.change(str(room)))
    yield Promise("change", _FLAG, (room,), [1])
    roster = {"participants": {who: {"role": "Consumer"}}}
    _well(asker.ask("PATCH", f"/rooms/{room}/participants", roster))
    yield Promise("role", _ROLE, (room, who), ["Consumer"])


def _identity(asker: Asker) -> Iterator[Promise]:
    raw_id = str(_well(asker.identity()).json["identity"]["id"])
    user = (raw_id.rpartition("_")[2],)
    yield Promise("identity", _USER, user, [1])
    revoke = f"/identities/{raw_id}/:revokeAccessTokens"
    _well(asker.ask("POST", revoke, version=IDENTITY_VERSION))
    yield Promise("revocation", _GENERATION, user, [1])
    _well(asker.ask("DELETE", f"/identities/{raw_id}", version=IDENTITY_VERSION))
    yield Promise("end of identity", _USER, user, [0])


def _well(told: Told) -> Told:
    assert told.status in {200, 201, 204}, told
    return told
