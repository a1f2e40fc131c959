"""X06, X07: PostgreSQL is gone for a while, or somebody holds a lock in it or in the file."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import psycopg
import pytest
from fault.conftest import Dose
from support.agents import Refusal
from support.deadlines import stays, wait_for
from support.faults.asking import Asker, Told
from support.faults.guests import Guest, guests
from support.gates import ShutOut, open_line
from support.office import Office
from support.postgres import Postgres
from support.report import figure
from support.server import Server

SAYS_SO_WITHIN = 2.0
AWAY_SECONDS = 5.0
BACK_WITHIN = 2.0
WAITS_AT_MOST = 5.0
UNHARMED = 1.0
# What each operation answers when all is well.
GOOD = {
    **dict.fromkeys(("get", "list", "change", "roster", "invite", "token"), 200),
    **dict.fromkeys(("create", "identity"), 201),
}


def test_while_postgresql_is_away_callers_are_told_to_come_again_and_then_all_is_well(
    on_postgres: tuple[Server, str], durable_postgres: Postgres
) -> None:
    server, _ = on_postgres
    asker, pid = Asker(server), server.pid
    room, user = asker.room(), asker.user()
    first: dict[str, Callable[[], Told]] = {
        "create": asker.create,
        "get": partial(asker.get, room),
        "list": asker.page,
        "change": partial(asker.change, room),
        "roster": partial(asker.roster, room),
        "invite": partial(asker.invite, room),
        "identity": asker.identity,
        "token": partial(asker.issue, user),
    }

    durable_postgres.stop()
    gone = time.monotonic()
    told = {name: ask() for name, ask in first.items()}
    said_after = time.monotonic() - gone
    stays(
        "callers are told to come again",
        lambda: all(_comes_again(ask()) for ask in first.values()),
        for_seconds=max(0.0, AWAY_SECONDS - said_after),
    )
    durable_postgres.start()
    _, back = wait_for("a good answer", lambda: asker.create().status == 201, within=20)

    assert {name: one.status for name, one in told.items()} == dict.fromkeys(first, 503)
    assert all(one.is_kept_waiting for one in told.values())
    figure(
        "X06, slowest 503 after PostgreSQL was gone",
        max(one.took for one in told.values()),
        at_most=SAYS_SO_WITHIN,
        unit="s",
    )
    figure("X06, first good answer after its return", back, at_most=BACK_WITHIN, unit="s")
    assert {name: ask().status for name, ask in first.items()} == GOOD
    assert server.pid == pid


def test_while_postgresql_is_away_calls_go_on_and_who_is_in_one_comes_back(
    on_postgres: tuple[Server, str], durable_postgres: Postgres
) -> None:
    server, _ = on_postgres
    office = Office(server)
    with guests(server, office, ("Presenter", "Attendee", "Attendee")) as (room, people):
        one, left, late = people
        for each in (one, left):
            each.join(room)
            each.open_media()
        late.call()
        ticket = left.leg.ticket
        left.agent.leave(left.leg.call_id)

        durable_postgres.stop()
        wait_for("health to say so", lambda: not server.health()["parts"]["database"], within=5)
        one.hang_up_media()
        back = one.come_back(within=BACK_WITHIN)
        with pytest.raises(Refusal) as refused:
            late.join(room)
        with pytest.raises(ShutOut) as shut_out:
            open_line(server.ready.browser_url, ticket)
        one.agent.ask("ping")
        durable_postgres.start()
        _, joined = wait_for("a join", lambda: _joins(late, room), within=20)

        assert late.leg.call_id == one.leg.call_id
        assert "ended" not in [event["event"] for event in one.agent.events]
    office.close()

    assert (refused.value.code, refused.value.sub_code) == (503, 0)
    assert shut_out.value.status == 403
    figure("X06, media open again without the database", back, at_most=BACK_WITHIN, unit="s")
    figure("X06, first good join after its return", joined, at_most=BACK_WITHIN, unit="s")


def _joins(who: Guest, room: str) -> bool:
    try:
        who.join(room)
    except Refusal:
        return False
    return True


def test_a_held_lock_holds_up_its_room_for_a_while_and_no_other(
    on_postgres: tuple[Server, str], dose: Dose
) -> None:
    server, url = on_postgres
    asker = Asker(server)
    held, other = asker.room(), asker.room()
    with psycopg.connect(url) as holder:
        holder.execute("SELECT 1 FROM room WHERE id = %s FOR UPDATE", [int(held)])
        until = time.monotonic() + dose.lock_seconds
        refused, unharmed = list[Told](), list[Told]()
        while time.monotonic() < until:
            refused.append(asker.change(held))
            unharmed += [asker.change(other), asker.get(held), asker.create()]
        holder.rollback()

    assert all(one.is_kept_waiting for one in refused)
    assert {one.status for one in unharmed} == {200, 201}
    figure(
        "X07 postgresql, longest wait for the lock",
        max(one.took for one in refused),
        at_most=WAITS_AT_MOST,
        unit="s",
    )
    figure(
        "X07 postgresql, longest wait of others",
        max(one.took for one in unharmed),
        at_most=UNHARMED,
        unit="s",
    )
    assert asker.change(held).status == 200


def test_a_locked_file_holds_up_writes_for_a_while_and_no_read(tmp_path: Path, dose: Dose) -> None:
    server = Server(tmp_path / "server")
    server.start()
    asker = Asker(server)
    room = asker.room()
    with closing(sqlite3.connect(server.data / "openrooms.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        until = time.monotonic() + dose.lock_seconds
        refused, reads = list[Told](), list[Told]()
        while time.monotonic() < until:
            refused.append(asker.change(room))
            reads.append(asker.get(room))
        holder.execute("ROLLBACK")
    _, back = wait_for("a good answer", lambda: asker.change(room).status == 200, within=20)
    server.close()

    assert all(one.is_kept_waiting for one in refused)
    assert {one.status for one in reads} == {200}
    figure(
        "X07 sqlite, longest wait for the lock",
        max(one.took for one in refused),
        at_most=WAITS_AT_MOST,
        unit="s",
    )
    figure(
        "X07 sqlite, longest read meanwhile",
        max(one.took for one in reads),
        at_most=UNHARMED,
        unit="s",
    )
    figure("X07 sqlite, first good write afterwards", back, at_most=BACK_WITHIN, unit="s")


def _comes_again(told: Told) -> bool:
    assert told.took <= SAYS_SO_WITHIN, told
    return told.is_kept_waiting
