"""A started server has calls with itself: it says what comes of them, and nothing else does."""

import sqlite3
from pathlib import Path
from typing import Any

from support.deadlines import wait_for
from support.engine import EngineEye
from support.server import Server

# On a machine that is busy, too.
WITHIN = 45.0
WELL = {"signalling": True, "media": True}
# What would tell of a call, or of who is in it.
TELLING = ("room", "invitation", "identity", "call", "leg", "event", "delivery", "refusal", "timer")


def test_a_server_sees_that_people_could_call_and_tells_of_it_nowhere_else(tmp_path: Path) -> None:
    server = Server(tmp_path, environment={"OPENROOMS_PROBE_SECONDS": "1"})
    with server.running():

        def well() -> dict[str, Any] | None:
            said = server.health()
            return said if said["calls"] == WELL else None

        before, _ = wait_for("calls to succeed", well, within=WITHIN)
        rooms = EngineEye(server.data).rooms()

        assert server.stop() == 0
        output = server.output()

    assert before["status"] == "ok"
    assert before["parts"] == {"database": True, "engine": True}
    # It was there, and there alone.
    assert [room.partition("-")[0] for room in rooms] == ["probe"]
    assert "stranger_at_engine" not in output
    assert "stray_room_closed" not in output
    with sqlite3.connect(server.data / "openrooms.db") as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        told = {
            name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - names of ours
            for name in TELLING
            if name in tables
        }
    assert {"room", "call", "leg", "event"} <= told.keys()
    assert set(told.values()) == {0}
