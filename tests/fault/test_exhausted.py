"""X28, X29: the system gives the server no more files, or no more memory."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from http.client import HTTPException
from pathlib import Path

import pytest
from support.deadlines import wait_for
from support.faults.asking import Asker
from support.faults.groups import MemoryGroup, memory_group
from support.faults.guests import guests
from support.office import Office
from support.report import figure, lines
from support.server import Server
from support.unit import EngineUnit

FEW = 64
BACK_WITHIN = 2.0


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[Server]:
    """A server that may open few files."""
    made = Server(tmp_path / "server", before=("prlimit", f"--nofile={FEW}:{FEW}"))
    with made.running():
        yield made


def test_x28_without_files_for_more_newcomers_are_told_to_come_again_and_calls_go_on(
    narrow: Server,
) -> None:
    office, asker = Office(narrow), Asker(narrow)
    with guests(narrow, office, ("Presenter",)) as (room, (one,)):
        one.join(room)
        one.open_media()
        office.close()
        with ExitStack() as many:
            told = asker.create()
            while told.status == 201:
                many.enter_context(socket.create_connection(("127.0.0.1", narrow.ports.http)))
                told = asker.create()
            one.listen()
            one.agent.ask("ping")
            pid = narrow.pid
        _, back = wait_for("a good answer", lambda: asker.create().status == 201, within=10)
        one.hang_up_media()
        one.come_back(within=5)
        assert "ended" not in [event["event"] for event in one.agent.events]

    assert (told.status, told.retry_after) == (503, 1)
    assert narrow.pid == pid
    figure("X28, a good answer once files are free", back, at_most=BACK_WITHIN, unit="s")


@pytest.fixture
def bounded(tmp_path: Path) -> Iterator[tuple[EngineUnit, MemoryGroup | None]]:
    """A server in a control group of its own, where one may be made; an engine beside it."""
    with memory_group() as group:
        made = EngineUnit(tmp_path / "server", before=() if group is None else group.before)
        made.open()
        yield made, group
        made.close()


@pytest.mark.lasts(9)
def test_x29_a_server_without_memory_dies_alone_and_is_back(
    bounded: tuple[EngineUnit, MemoryGroup | None],
) -> None:
    unit, group = bounded
    office, asker = Office(unit.server), Asker(unit.server)
    engine = unit.engine()
    with guests(unit.server, office, ("Presenter", "Attendee")) as (room, people):
        for each in people:
            each.join(room)
            each.open_media()

        how = _take_memory(unit.server, group, asker)
        ended = time.monotonic()
        unit.server.forget()
        if group is not None:
            group.give()
        unit.server.start()
        back = time.monotonic() - ended
        # A busy machine shows in an orderly start, too.
        unit.server.stop()
        unit.server.start()
        orderly = unit.server.took_to_start
        wait_for("the server to find the engine", unit.is_found, within=5)
        for each in people:
            each.leave_the_page()
            each.call()
            assert each.agent.event("snapshot", within=5)["leg"]["participantId"]
            each.come_back(within=5)
            each.agent.ask("ping")
    office.close()

    lines.append(f"X29: {how}")
    assert unit.engine() == engine
    usual = max(BACK_WITHIN, 2 * orderly)
    figure("X29, back after its supervisor started it", back, at_most=usual, unit="s")


def _take_memory(server: Server, group: MemoryGroup | None, asker: Asker) -> str:
    """Leave the server no memory, and return once the kernel has ended it. Says how that came."""
    if group is None:
        server.send_kill()
        wait_for("its end", server.has_ended, within=5)
        return "no control group may be made here; killed as the kernel would"
    group.take()
    while not server.has_ended():
        # What it cannot answer is not asked for again.
        with suppress(OSError, HTTPException):
            asker.create(350)
    return "ended by its control group"
