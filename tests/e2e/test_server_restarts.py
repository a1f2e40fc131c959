"""The server is stopped and started, killed and started: the page comes back into the call."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.browser import Person
from support.deadlines import wait_for
from support.office import Office
from support.report import figure, figure_of_few
from support.scenes import Consultation, consult
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
