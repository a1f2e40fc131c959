"""X09 for what ends a call by time: an interval lasts as long as ever, whatever the clock says."""

import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from support.agents import Joined, Refusal
from support.deadlines import stays
from support.faults.guests import Guest, Reporter, guests
from support.office import Office, User
from support.report import figure
from support.server import Server

HOUR = 3600.0
LIFE = 24 * HOUR
RING, GRACE = 120.0, 60.0
# The reconciler sees it, if no timer does before.
TOLD_WITHIN = 7.0
ROLES = ("Presenter", "Attendee")


@pytest.fixture
def timed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server where a call goes on for a minute beyond its room's window."""
    ending = {"OPENROOMS_CALL_AT_EXPIRY": "end", "OPENROOMS_CALL_GRACE_MINUTES": "1"}
    made = Server(tmp_path_factory.mktemp("timed"), environment=ending)
    with made.running():
        yield made


@pytest.fixture
def desk(timed: Server) -> Iterator[Office]:
    made = Office(timed)
    yield made
    made.close()


@pytest.mark.lasts(130)
def test_x09_a_call_rings_for_two_minutes_whatever_the_clock_says(
    timed: Server, desk: Office
) -> None:
    with guests(timed, desk, ROLES) as (_, (ada, ben)):
        ada.call()
        ben.call()
        begun = time.monotonic()
        _start(ada, ben)
        ben.agent.event("incoming", within=5)
        for jump in (HOUR, -HOUR, 12 * HOUR):
            timed.move_clock(jump)
            stays("it rings", lambda: not _has_heard(ben, "incomingEnded"), for_seconds=10)
        ended = ben.agent.event("incomingEnded", within=RING)
        took = time.monotonic() - begun

    assert (ended["code"], ended["subCode"]) == (487, 10004)
    assert took >= RING - 1
    figure("X09, a call rings for", took, at_most=RING + 3, unit="s")


@pytest.mark.lasts(75)
def test_x09_the_grace_after_a_window_is_not_over_early(timed: Server, desk: Office) -> None:
    with guests(timed, desk, ROLES) as (_, people):
        until = datetime.now(UTC) + timedelta(seconds=HOUR)
        room = desk.room(
            dict.fromkeys((each.user for each in people), "Presenter"), valid_until=until
        )
        _meet(timed, room, people)
        timed.move_clock(HOUR + 1)
        begun = time.monotonic()
        took = _ends(
            timed, people, partial(timed.move_clock, 13 * HOUR), code=(0, 7000), begun=begun
        )

    figure("X09, the grace after a window lasts", took, at_most=GRACE + 5, unit="s")


@pytest.mark.lasts(140)
def test_x09_a_clock_set_back_over_the_end_of_a_window_takes_its_grace_back(
    timed: Server, desk: Office
) -> None:
    """The window has not ended after all: nobody is put out, who is invited may come. Then it ends."""
    with guests(timed, desk, (*ROLES, "Attendee")) as (_, people):
        until = datetime.now(UTC) + timedelta(seconds=HOUR)
        room = desk.room(
            dict.fromkeys((each.user for each in people), "Presenter"), valid_until=until
        )
        *early, late = people
        _meet(timed, room, early)
        timed.move_clock(HOUR + 1)
        told = [each.agent.event("ending", within=TOLD_WITHIN) for each in early]
        with pytest.raises(Refusal) as refused:
            late.join(room)
        timed.move_clock(0)
        taken_back = [each.agent.event("ending", within=TOLD_WITHIN) for each in early]
        stays("they are in the call", lambda: _go_on(early), for_seconds=GRACE + 5)
        _meet(timed, room, [late])
        timed.move_clock(HOUR + 1)
        begun = time.monotonic()
        jump = partial(timed.move_clock, 13 * HOUR)
        # Media by hand is given up after two minutes: those who came first may be out for that.
        took = _ends(timed, [late], jump, code=(0, 7000), begun=begun)

    assert [each["at"] is None for each in told + taken_back] == [False, False, True, True]
    assert (refused.value.code, refused.value.sub_code) == (403, 5829)
    figure("X09, the grace lasts once more", took, at_most=GRACE + 5, unit="s")


@pytest.mark.lasts(75)
def test_x09_the_grace_after_a_token_is_not_over_early(timed: Server, desk: Office) -> None:
    with guests(timed, desk, ROLES) as (room, people):
        _meet(timed, room, people)
        timed.move_clock(LIFE + 1)
        begun = time.monotonic()
        jump = partial(timed.move_clock, LIFE + 12 * HOUR)
        took = _ends(timed, people, jump, code=(495, 4507), begun=begun)

    figure("X09, the grace after a token lasts", took, at_most=GRACE + 6, unit="s")


@pytest.mark.lasts(10)
def test_x09_a_call_is_not_thirty_hours_old_because_the_clock_says_so(
    timed: Server, desk: Office
) -> None:
    with guests(timed, desk, ROLES) as (room, people):
        _meet(timed, room, people)
        for jump in (20 * HOUR, 40 * HOUR):
            timed.move_clock(jump)
            for each in people:
                newer = desk.token(each.user)
                each.agent.ask("refreshToken", token=newer)
                each.user = User(each.user.raw_id, newer)
            stays("they are in the call", lambda: _go_on(people), for_seconds=3)


def _start(caller: Guest, callee: Guest) -> None:
    """Call somebody, and have media: without, a leg ends after 20 s."""
    said = caller.agent.ask("start", rawIds=[callee.user.raw_id], joinId=str(uuid.uuid4()))
    caller.joined = Joined(
        call_id=said["call"]["callId"],
        participant_id=said["leg"]["participantId"],
        role=said["leg"].get("role"),
        ticket=said["media"]["ticket"],
        path=said["media"]["path"],
        legs=said["legs"],
    )
    caller.server.secrets.add("ticket", caller.leg.ticket)
    caller.open_media()
    Reporter(caller.server).up(caller, f"stay of {caller.user.guid}")


def _meet(server: Server, room: str, people: list[Guest]) -> None:
    for each in people:
        each.join(room)
        each.open_media()
        Reporter(server).up(each, f"stay of {each.user.guid}")


def _ends(
    server: Server,
    people: list[Guest],
    jump: Callable[[], None],
    *,
    code: tuple[int, int],
    begun: float,
) -> float:
    """Half a day passes on the clock in the middle of a grace; how long that lasted after all."""
    stays("they are in the call", lambda: _go_on(people), for_seconds=5)
    jump()
    stays("and still", lambda: _go_on(people), for_seconds=GRACE - 12)
    ends = [each.agent.event("ended", within=20) for each in people]
    took = time.monotonic() - begun
    assert {(end["code"], end["subCode"]) for end in ends} == {code}
    assert took >= GRACE - 1
    server.move_clock(0)
    return took


def _go_on(people: list[Guest]) -> bool:
    for each in people:
        each.listen()
    return not any(_has_heard(each, "ended") for each in people)


def _has_heard(who: Guest, event: str) -> bool:
    who.agent.drain()
    return event in [heard["event"] for heard in who.agent.events]
