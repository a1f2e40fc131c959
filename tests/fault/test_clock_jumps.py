"""X09: the machine's clock jumps. Calls go on, and nothing that is an interval is over early."""

import time
from collections.abc import Iterator

import pytest
from support.deadlines import stays, wait_for
from support.faults.asking import Asker
from support.faults.guests import Guest, guests
from support.office import Office, User
from support.report import figure
from support.server import Server

HOUR = 3600.0
HALF_A_YEAR = 181 * 24 * HOUR
# A leg without media ends after 20 s.
INTERVAL = 20.0
GOES_ON_FOR = 3.0


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("server"))
    with made.running():
        yield made


@pytest.fixture
def meeting(server: Server) -> Iterator[tuple[Server, list[Guest]]]:
    """Three people, of whom two are in the call with their media open."""
    office = Office(server)
    with guests(server, office, ("Presenter", "Attendee", "Attendee")) as (room, people):
        for each in people[:2]:
            each.join(room)
            each.open_media()
        yield server, people
    office.close()


@pytest.mark.parametrize(
    "jump",
    [
        pytest.param(HOUR, id="an-hour-ahead"),
        pytest.param(-HOUR, id="an-hour-behind", marks=pytest.mark.lasts(10)),
    ],
)
def test_x09_calls_go_on_and_people_may_join(
    meeting: tuple[Server, list[Guest]], jump: float
) -> None:
    server, (one, two, late) = meeting
    pid, asker = server.pid, Asker(server)

    server.move_clock(jump)
    stays("both are in the call", lambda: _goes_on(one, two), for_seconds=GOES_ON_FOR)
    _meets_anew(late, asker)
    for each in (one, two):
        each.hang_up_media()
        each.come_back(within=5)
    server.move_clock(0)
    stays("and still", lambda: _goes_on(one, two, late), for_seconds=1)

    assert server.pid == pid
    assert server.health()["status"] == "ok"


def _meets_anew(who: Guest, asker: Asker) -> None:
    """Join a room of now, with a token of now: those from before may be of the future, or over."""
    raw_id = who.user.raw_id
    who.user = User(raw_id, asker.issue(raw_id).json["token"])
    room = asker.ask("POST", "/rooms", {"participants": {raw_id: {"role": "Attendee"}}})
    assert room.status == 201
    who.join(room.json["id"])
    who.open_media()


def _goes_on(*people: Guest) -> bool:
    for each in people:
        each.listen()
        each.agent.ask("ping")
    return all("ended" not in [event["event"] for event in each.agent.events] for each in people)


@pytest.mark.lasts(10)
def test_x09_half_a_year_ahead_tokens_are_over_and_the_server_is_well(
    meeting: tuple[Server, list[Guest]],
) -> None:
    server, (one, _, late) = meeting
    pid = server.pid
    late.call()

    server.move_clock(HALF_A_YEAR)
    # It was signed in, and in no call: its token is over.
    signed_out = late.agent.event("signedOut", within=10)
    wait_for("a server that is well", lambda: server.health()["status"] == "ok", within=5)
    asker = Asker(server)
    guest = Guest(server, User(asker.user(), ""))
    _meets_anew(guest, asker)
    guest.leave_the_page()
    server.move_clock(0)

    assert (signed_out["code"], signed_out["subCode"]) == (495, 4507)
    assert server.pid == pid
    back = Guest(server, one.user)
    back.join(one.room)
    back.leave_the_page()


@pytest.mark.lasts(25)
@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["an-hour-ahead", "an-hour-behind"])
def test_x09_an_interval_is_not_over_early_or_late(server: Server, jump: float) -> None:
    office = Office(server)
    with guests(server, office, ("Attendee",)) as (room, (one,)):
        one.join(room)
        begun = time.monotonic()
        server.move_clock(jump)
        ended = one.agent.event("ended", within=INTERVAL + 5)
        took = time.monotonic() - begun
    server.move_clock(0)
    office.close()

    assert (ended["code"], ended["subCode"]) == (410, 301004)
    assert took >= INTERVAL - 0.5
    figure("X09, an interval of 20 s lasts", took, at_most=INTERVAL + 2, unit="s")
