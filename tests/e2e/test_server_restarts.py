"""The server is stopped and started, killed and started: the page comes back into the call."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from calls.meeting import JOIN, MET_WITHIN, WATCH_AGENT, WATCH_NETWORK, reconnects
from support.browser import Person, Town
from support.deadlines import wait_for
from support.likeness import DOCTOR, PATIENT
from support.office import PRESENTER, Office
from support.report import figure, figure_of_few
from support.scenes import Consultation, consult
from support.sdkpage import Client
from support.server import Server

BACK_WITHIN = 20.0


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Server]:
    """A server of this test's own, to be ended in many ways."""
    made = Server(tmp_path / "mortal")
    made.start()
    yield made
    made.close()


def _stop(server: Server) -> None:
    assert server.stop() == 0


def _kill(server: Server) -> None:
    server.kill()


@pytest.mark.parametrize("end", [_stop, _kill], ids=["stopped", "killed"])
def test_room_and_roster_are_there_and_the_page_comes_back_into_the_call(
    mortal: Server, couple: tuple[Person, Person], end: Callable[[Server], None]
) -> None:
    office = Office(mortal)
    call = consult(mortal, office, couple)
    call.meet()
    roster = _roster(office, call)
    call.doctor.person.evaluate("globalThis.sameDocument = true")

    end(mortal)
    again = mortal.start()

    assert again.connection_string == office.connection_string
    assert _roster(office, call) == roster
    figure("server back: seen and heard again", call.meet(), at_most=BACK_WITHIN, unit="s")
    assert call.doctor.person.evaluate("globalThis.sameDocument === true")
    assert len(call.doctor.tiles()) == 1
    office.close()


def _roster(office: Office, call: Consultation) -> list[tuple[str, str]]:
    listed = office.rooms.list_participants(call.room)
    return [(each.communication_identifier.raw_id, each.role) for each in listed]


@pytest.fixture
def apps(mortal: Server, people: Town, sdk_page: str) -> Iterator[tuple[Client, Client]]:
    """Two apps in a call, each with what it is told of its connections."""
    office = Office(mortal)
    two = Client(people.call(DOCTOR), sdk_page), Client(people.call(PATIENT), sdk_page)
    users = office.user(), office.user()
    room = office.room(dict.fromkeys(users, PRESENTER))
    for each, user, name in zip(two, users, ("Ann", "Ben"), strict=True):
        each.open()
        each.enter(user, name)
        each.do(JOIN, place={"roomId": room})
        each.is_in("Connected", within=MET_WITHIN)
    _meet(two)
    for each in two:
        each.do(WATCH_NETWORK + WATCH_AGENT)
    yield two
    people.empty()
    office.close()


def _meet(two: tuple[Client, Client]) -> None:
    for each, other in (two, two[::-1]):
        each.watches(other, within=BACK_WITHIN)
        each.hears(other, within=BACK_WITHIN)


@pytest.mark.parametrize("end", [_stop, _kill], ids=["stopped", "killed"])
def test_apps_are_told_that_they_are_cut_off_and_that_they_are_back(
    mortal: Server, apps: tuple[Client, Client], end: Callable[[Server], None]
) -> None:
    end(mortal)
    for each in apps:
        wait_for(f"{each.name} is told", partial(reconnects, each), within=BACK_WITHIN)
    mortal.start()

    _meet(apps)

    for each in apps:
        # Bad, and good again: neither is told twice, or in between.
        assert reconnects(each) == ["networkReconnect 3", "networkReconnect 1"]
        assert each.do("return app.touch") == [
            "Connected Disconnected connectionIssue",
            "Disconnected Connected",
        ]
        assert each.do("return app.raised.filter((one) => one.startsWith('noNetwork'))") == []
        assert each.look().state == "Connected"
        assert len(each.look().others) == 1


def test_who_was_removed_before_the_server_was_killed_stays_out(
    mortal: Server, couple: tuple[Person, Person]
) -> None:
    office = Office(mortal)
    call = consult(mortal, office, couple)
    call.meet()
    office.expel(call.room, call.patient.user)
    call.patient.is_told(within=5)

    mortal.kill()
    mortal.start()

    wait_for("the doctor is back", call.doctor.is_in_call, within=BACK_WITHIN)
    assert call.patient.try_to_join(call.room).numbers == "403/5828"
    office.close()


def test_a_stopped_server_leaves_nothing_running(mortal: Server) -> None:
    # `stop` and `kill` look for children that outlive the server, and fail when there are any.
    assert mortal.engine() is not None
    assert mortal.stop() == 0

    mortal.start()

    assert mortal.kill() == -9


def test_a_later_start_is_ready_within_three_seconds(mortal: Server) -> None:
    def again() -> list[float]:
        mortal.stop()
        mortal.start()
        return [mortal.took_to_start]

    figure_of_few("later start to ready", again, at_most=3, unit="s")
