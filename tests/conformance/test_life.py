"""A room from its beginning to long after its end, by the clock of the service, on both databases."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.databases import KINDS
from support.postgres import Postgres
from support.server import Server
from support.signed import Answered, Ask, Caller

VERSION = "api-version=2025-03-13"
DAY = 86_400.0
GRACE = 30


@dataclass(frozen=True, slots=True)
class World:
    """A server whose clock may be moved."""

    server: Server
    caller: Caller

    def ask(self, method: str, path: str, body: object = None) -> Answered:
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        sent = b"" if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": kind}
        return self.caller.call(Ask(method, f"{path}?{VERSION}", sent, headers))

    def listed(self, room: str) -> bool:
        return room in {one["id"] for one in self.ask("GET", "/rooms").json["value"]}


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        options: tuple[str, ...] = ()
        if request.param == "postgresql":
            database: Postgres = request.getfixturevalue("postgres")
            options = ("--database", stack.enter_context(database.empty()))
        server = Server(tmp_path / "server", *options)
        server.start()
        stack.callback(server.close)
        caller = Caller(server.ready)
        stack.callback(caller.close)
        yield World(server, caller)


def _in(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def test_a_room_that_is_over_is_read_and_opened_again_until_its_grace_ends(world: World) -> None:
    room = str(world.ask("POST", "/rooms", {"validFrom": _in(1), "validUntil": _in(2)}).json["id"])
    path = f"/rooms/{room}"
    seen = []

    for day in (0.0, 1.5, 2.1):
        world.server.move_clock(day * DAY)
        seen.append((world.ask("GET", path).status, world.listed(room)))
    revived = world.ask("PATCH", path, {"validUntil": _in(4)})
    seen.append((revived.status, world.listed(room)))
    for day in (4.0 + GRACE - 0.1, 4.0 + GRACE + 0.1):
        world.server.move_clock(day * DAY)
        seen.append((world.ask("GET", path).status, world.listed(room)))

    # Before it opens, open, over; opened again; over, and gone.
    assert seen == [(200, True), (200, True), (200, False), (200, True), (200, False), (404, False)]
    assert world.ask("PATCH", path, {"validUntil": _in(60)}).status == 404
    assert world.ask("GET", f"{path}/participants").status == 404
    assert world.ask("DELETE", path).status == 204
