"""What ends a call by time alone, at a server whose clock is in our hands."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from calls.meeting import JOIN, MET_WITHIN
from support.deadlines import wait_for
from support.office import PRESENTER, Office
from support.report import figure
from support.sdkpage import Client
from support.server import Server

ENDING = {"OPENROOMS_CALL_AT_EXPIRY": "end"}
HOUR, MINUTE = 3600.0, 60.0
TOLD_WITHIN = 3.0


@pytest.fixture(scope="module")
def timed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server where a call ends with its room's window."""
    made = Server(tmp_path_factory.mktemp("timed"), environment=ENDING)
    with made.running():
        yield made


@pytest.fixture
def desk(timed: Server) -> Iterator[Office]:
    timed.move_clock(0)
    made = Office(timed)
    yield made
    made.close()


@pytest.fixture
def room(desk: Office, two: tuple[Client, Client]) -> Iterator[str]:
    """A room whose window ends in an hour, with both in its call."""
    users = [desk.user(), desk.user()]
    until = datetime.now(UTC) + timedelta(hours=1)
    made = desk.room(dict.fromkeys(users, PRESENTER), valid_until=until)
    for each, user, name in zip(two, users, ("Ann", "Ben"), strict=True):
        each.enter(user, name)
        each.do(JOIN, place={"roomId": made}, camera=False, muted=True)
        each.is_in("Connected", within=MET_WITHIN)
    yield made
    for each in two:
        each.do("await app.leave()")


def _told(client: Client, word: str) -> float:
    _, took = wait_for(f"{client.name} is told {word}", lambda: word in client.heard(), within=10)
    return took


def test_where_calls_end_with_the_window_everyone_is_warned_and_then_out(
    timed: Server, two: tuple[Client, Client], room: str
) -> None:
    timed.move_clock(HOUR - 4 * MINUTE)
    warned = max(_told(each, "ending RoomExpired") for each in two)
    assert [each.look().state for each in two] == ["Connected", "Connected"]

    timed.move_clock(HOUR + 1)
    out = max(each.is_in("Disconnected", within=10) for each in two)

    figure("window about to end: told", warned, at_most=TOLD_WITHIN, unit="s")
    figure("window over: told and out", out, at_most=TOLD_WITHIN, unit="s")
    assert {each.look().end for each in two} == {"0/7000"}
    assert [each.look().categories for each in two] == [["Success"]] * 2


def test_a_window_that_is_made_longer_in_time_ends_no_call(
    timed: Server, desk: Office, two: tuple[Client, Client], room: str
) -> None:
    timed.move_clock(HOUR - 4 * MINUTE)
    for each in two:
        _told(each, "ending RoomExpired")

    desk.rooms.update_room(room_id=room, valid_until=datetime.now(UTC) + timedelta(hours=3))
    for each in two:
        _told(each, "ending undefined")
    timed.move_clock(HOUR + MINUTE)

    later = two[1]
    later.do("await app.call.hangUp()")
    later.do(JOIN, place={"roomId": room}, camera=False, muted=True)
    later.is_in("Connected", within=MET_WITHIN)
    assert two[0].look().state == "Connected"


def test_a_call_that_has_lasted_as_long_as_it_may_ends(
    timed: Server, two: tuple[Client, Client], room: str
) -> None:
    first = two[0].look().id
    timed.stop()
    # Thirty hours of calls that were served, in no time: it is counted there, and nowhere else.
    with closing(sqlite3.connect(timed.data / "openrooms.db")) as database, database:
        changed = database.execute("UPDATE timer SET due_at = 0 WHERE what = 'longest'")
        assert changed.rowcount == 1
    timed.start()

    ends = [each.ends(within=20) for each in two]

    assert {end.end for end in ends} == {"429/10110"}
    assert [end.categories for end in ends] == [["ExpectedError"]] * 2
    two[0].do(JOIN, place={"roomId": room}, camera=False, muted=True)
    two[0].is_in("Connected", within=MET_WITHIN)
    assert two[0].look().id != first
