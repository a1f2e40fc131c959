"""X20: of two processes on one PostgreSQL one after the other is replaced, under load."""

import base64
import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest
from support.deadlines import wait_for
from support.faults.asking import Asker
from support.faults.guests import guests
from support.office import Office
from support.postgres import Postgres
from support.report import figure, lines
from support.server import API_ONLY, Server
from support.threads import at_work
from support.unit import EngineUnit

SETTINGS = {
    "OPENROOMS_MASTER_KEY": base64.b64encode(b"a key that two processes share..").decode(),
    "OPENROOMS_TURN_AWAY_SECONDS": "1",
}
CLIENTS = 3
LOOK_SECONDS = 0.1
BACK_WITHIN = 5.0


@pytest.fixture
def pair(durable_postgres: Postgres, tmp_path: Path) -> Iterator[tuple[EngineUnit, Server]]:
    """The process that runs the calls, with its engine apart, and one that has the APIs alone."""
    with durable_postgres.fresh() as url, ExitStack() as stack:
        unit = EngineUnit(tmp_path / "calls", "--database", url, environment=SETTINGS)
        stack.callback(unit.close)
        unit.open()
        beside = Server(tmp_path / "beside", "--database", url, API_ONLY, environment=SETTINGS)
        stack.callback(beside.close)
        beside.start()
        yield unit, beside


class Balancer:
    """Sends each request to a server that is ready, as far as it knows: it asks ten times a second."""

    def __init__(self, servers: list[Server]) -> None:
        self._askers = {server: Asker(server) for server in servers}
        self._ready = dict.fromkeys(servers, True)
        self._over = threading.Event()
        self.told: Counter[str] = Counter()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Clients at work, for as long as the block lasts."""
        jobs = [self._look, *[self._ask] * CLIENTS]
        with at_work(jobs, self._over):
            yield

    def work_on(self) -> None:
        """Return after some more requests."""
        most = self.told.total() + 20
        wait_for("some more requests", lambda: self.told.total() > most, within=10)

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            for server in self._ready:
                self._ready[server] = _is_ready(server)

    def _ask(self) -> None:
        turn = 0
        while not self._over.is_set():
            ready = [server for server, is_ready in self._ready.items() if is_ready]
            turn += 1
            try:
                told = str(self._askers[ready[turn % len(ready)]].create(1).status)
            except (OSError, http.client.HTTPException, ZeroDivisionError) as error:
                told = repr(error)
            self.told[told] += 1


def _is_ready(server: Server) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", server.ports.http, timeout=1)
    try:
        connection.request("GET", "/ready")
        answer = connection.getresponse()
        return answer.status == 200 and json.load(answer)["status"] == "ready"
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@pytest.mark.lasts(10)
def test_x20_no_request_fails_and_calls_go_on_while_both_are_replaced(
    pair: tuple[EngineUnit, Server],
) -> None:
    unit, beside = pair
    office = Office(unit.server)
    balancer = Balancer([unit.server, beside])
    with guests(unit.server, office, ("Presenter", "Attendee")) as (room, people):
        for each in people:
            each.join(room)
            each.open_media()
        engine = unit.engine()

        with balancer.running():
            for server in (beside, unit.server):
                assert server.stop() == 0
                server.start()
                wait_for("it to be ready", partial(_is_ready, server), within=10)
                balancer.work_on()
        begun = time.monotonic()
        for each in people:
            each.leave_the_page()
            each.call()
            assert each.agent.event("snapshot", within=5)["leg"]["participantId"]
            each.come_back(within=BACK_WITHIN)
        back = time.monotonic() - begun
    office.close()

    lines.append(f"X20: {balancer.told.total()} requests while both were replaced")
    assert set(balancer.told) == {"201"}, balancer.told
    assert unit.engine() == engine
    figure("X20, people in a call are back after", back, at_most=BACK_WITHIN, unit="s")
