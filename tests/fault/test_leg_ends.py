"""How a leg ends by itself: what its own client is told, and when the others see it go.

Media is what the engine reports of it; here the reports are made by hand, signed with its key.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from support.deadlines import TooLate
from support.faults.guests import Guest, Reporter, guests
from support.office import Office
from support.report import figure, lines
from support.server import Server

# A leg is looked at twice a second, and changes are told ten times a second.
LATE_BY = 2.0
CLIENT_SAID_SO, TIMED_OUT = "CLIENT_INITIATED", "CONNECTION_TIMEOUT"


def leaves(who: Guest, _reporter: Reporter) -> None:
    who.agent.leave(who.leg.call_id)


def says_goodbye(who: Guest, _reporter: Reporter) -> None:
    who.agent.ask("goodbye")
    who.hang_up_agent()


def leaves_the_engine_after_its_agent(who: Guest, reporter: Reporter) -> None:
    who.hang_up_agent()
    reporter.down(who, stay(who), CLIENT_SAID_SO)


def leaves_the_engine(who: Guest, reporter: Reporter) -> None:
    who.hang_up_media()
    reporter.down(who, stay(who), CLIENT_SAID_SO)


def left_with_an_older_connection(who: Guest, reporter: Reporter) -> None:
    reporter.down(who, "an older stay", CLIENT_SAID_SO)


def vanishes(who: Guest, reporter: Reporter) -> None:
    who.leave_the_page()
    reporter.down(who, stay(who), TIMED_OUT)


def loses_its_agent(who: Guest, _reporter: Reporter) -> None:
    who.hang_up_agent()


def falls_silent(who: Guest, reporter: Reporter) -> None:
    reporter.down(who, stay(who), TIMED_OUT)


def never_sends(_who: Guest, _reporter: Reporter) -> None:
    """Its media never comes up."""


@dataclass(slots=True)
class Row:
    """What a client does, and how its leg ends after how many seconds; None: it goes on."""

    does: Callable[[Guest, Reporter], None]
    after: float | None
    code: tuple[int, int] = (0, 0)
    has_media: bool = True
    keeps_media: bool = False
    who: Guest | None = field(default=None, init=False)
    begun: float = field(default=0.0, init=False)
    gone: float | None = field(default=None, init=False)

    @property
    def guest(self) -> Guest:
        assert self.who is not None
        return self.who


def quick() -> list[Row]:
    return [
        Row(leaves, 0),
        Row(says_goodbye, 0),
        Row(leaves_the_engine_after_its_agent, 0),
        Row(leaves_the_engine, 3),
        Row(left_with_an_older_connection, None, keeps_media=True),
    ]


def slow() -> list[Row]:
    return [
        Row(vanishes, 19, (0, 4521)),
        Row(never_sends, 20, (410, 301004), has_media=False),
        Row(loses_its_agent, 60, (0, 4521), keeps_media=True),
        # The engine gives a client up 20 s after it has heard the last of it.
        Row(falls_silent, 100, (410, 301005)),
    ]


def stay(who: Guest) -> str:
    """What the engine calls his present connection."""
    return f"PA_{who.leg.participant_id}"


class Gathering:
    """One room with everyone in it, and somebody who watches them go."""

    def __init__(self, server: Server, room: str, people: list[Guest]) -> None:
        self._reporter = Reporter(server)
        self._room = room
        self._watcher, *self._others = people
        self._reported = 0.0

    def run(self, rows: list[Row]) -> None:
        """Let every row happen, and watch until the last has had its time."""
        for who in (self._watcher, *self._others):
            who.join(self._room)
            who.open_media()
        for row, who in zip(rows, self._others, strict=True):
            row.who = who
        self._show([row for row in rows if row.has_media])
        for row in rows:
            row.begun = time.monotonic()
            row.does(row.guest, self._reporter)
        until = time.monotonic() + max(row.after or 0 for row in rows) + LATE_BY
        while time.monotonic() < until:
            self._report([row for row in rows if row.keeps_media and row.gone is None])
            self._see(rows)
            for who in (self._watcher, *self._others):
                who.listen()

    def _show(self, rows: list[Row]) -> None:
        """Have their media up, and the watcher see them."""
        self._report(rows)
        unseen = {row.guest.leg.participant_id for row in rows}
        while unseen:
            told = self._watcher.agent.event("legsChanged", within=5)
            unseen -= {leg["participantId"] for leg in told["changed"]}

    def _report(self, rows: list[Row]) -> None:
        """The engine has their media, still. It does not, and the server would find out."""
        if time.monotonic() - self._reported < 1.0:
            return
        self._reported = time.monotonic()
        for who in (self._watcher, *(row.guest for row in rows)):
            self._reporter.up(who, stay(who))

    def _see(self, rows: list[Row]) -> None:
        try:
            told = self._watcher.agent.event("legsChanged", within=0.2)
        except TooLate:
            return
        for row in rows:
            if row.guest.leg.participant_id in told["removed"]:
                row.gone = time.monotonic()


@pytest.fixture(scope="module")
def office(server: Server) -> Iterator[Office]:
    made = Office(server)
    yield made
    made.close()


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(quick(), id="quick"),
        pytest.param([*quick(), *slow()], id="all", marks=pytest.mark.lasts(125)),
    ],
)
def test_a_leg_ends_by_itself_for_the_right_reason_and_in_time(
    server: Server, office: Office, rows: list[Row]
) -> None:
    roles = ("Presenter", *("Attendee" for _ in rows))
    with guests(server, office, roles) as (room, people):
        Gathering(server, room, people).run(rows)
        for row in rows:
            _check(row)


def _check(row: Row) -> None:
    name, who = row.does.__name__.replace("_", " "), row.guest
    if row.after is None:
        lines.append(f"a leg that {name} goes on")
        assert row.gone is None, name
        assert who.agent.ask("ping") == {}
        assert "ended" not in [event["event"] for event in who.agent.events], name
        return
    told = _end(who)
    assert told == row.code, name
    if row.has_media:
        assert row.gone is not None, f"{name}: the others did not see it"
        took = row.gone - row.begun
        assert took >= row.after - LATE_BY, name
        figure(
            f"a leg that {name} is gone for others after",
            took,
            at_most=row.after + LATE_BY,
            unit="s",
        )
    else:
        lines.append(f"a leg that {name} was never there for others")
        assert row.gone is None, name


def _end(who: Guest) -> tuple[int, int]:
    """How he learns that his leg ended: at once, or when he comes back."""
    if not who.is_signed_in:
        return who.end_seen_on_return()
    told = who.agent.event("ended", within=1)
    return told["code"], told["subCode"]
