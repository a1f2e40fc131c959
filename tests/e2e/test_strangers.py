"""Who may not join is refused, with the code that says why, and nobody else notices."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Self

import pytest
from support.agents import Refusal, agent
from support.browser import Person, Town
from support.callpage import Caller
from support.engine import EngineEye, Occupant
from support.likeness import DOCTOR, STRANGER
from support.office import PRESENTER, Office, User
from support.scenes import DOCTORS_NAME
from support.server import Server

STRANGERS_NAME = "Eve Unasked"
HOUR = timedelta(hours=1)
GARBAGE = "eyJhbGciOiJFUzI1NiJ9.eyJza3lwZWlkIjoiYWNzOngifQ.c2lnbmF0dXJlLW9mLW5vYm9keS1hdC1hbGw"

# Digits to Unicode, but not to us.
FULL_WIDTH = "".join(chr(ord(digit) + 0xFEE0) for digit in "99430570737419440")


@pytest.fixture(scope="module")
def visitor(neighbours: Town) -> Person:
    """One browser for everyone who is refused in this module."""
    return neighbours.call(STRANGER)


@pytest.fixture
def stranger(server: Server, office: Office, visitor: Person) -> Caller:
    """A user of the resource with a good token; nobody has invited him yet."""
    return Caller(visitor, server, user=office.user(), name=STRANGERS_NAME)


@pytest.fixture
def clock(server: Server) -> Iterator[Server]:
    """The server, whose clock is put right again afterwards."""
    yield server
    server.move_clock(0)


class Watch:
    """Looks at the engine all the time, and keeps everyone it ever saw there."""

    def __init__(self, eye: EngineEye) -> None:
        self._eye = eye
        self._done = Event()
        self._thread = Thread(target=self._look)
        self.seen: dict[str, Occupant] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.02):
            self.seen |= {each.identity: each for each in self._eye.occupants()}


def test_a_stranger_is_refused_and_leaves_no_trace(
    server: Server, office: Office, eye: EngineEye, people: Town, stranger: Caller
) -> None:
    doctor = Caller(people.call(DOCTOR), server, user=office.user(), name=DOCTORS_NAME)
    room = office.room({doctor.user: PRESENTER})
    doctor.join(room)

    with Watch(eye) as watch:
        told = stranger.try_to_join(room)

    assert told.numbers == "403/5828"
    assert doctor.tiles() == []
    assert {identity.partition("~")[0] for identity in watch.seen} == {doctor.user.raw_id}
    assert _engine_lines_about(server, stranger) == []
    # His page may have knocked at the gate while it asked: nothing came through it.
    assert any("/media/" in url for url in doctor.person.wire.answered)
    assert not any("/media/" in url for url in stranger.person.wire.answered)


def _engine_lines_about(server: Server, who: Caller) -> list[str]:
    """Lines that name him, other than our own refusal: of the engine, of its reports, of anything."""
    return [
        line
        for line in server.output().splitlines()
        if (who.user.guid in line or who.name in line) and "join_refused" not in line
    ]


def test_the_stranger_is_told_in_words(office: Office, stranger: Caller) -> None:
    told = stranger.try_to_join(office.room({}))

    assert "invited" in told.text
    assert stranger.user.token not in stranger.person.page.content()


def test_before_the_window_opens_and_after_it_closes_nobody_joins(
    clock: Server, office: Office, stranger: Caller
) -> None:
    opens = datetime.now(UTC) + HOUR
    room = office.rooms.create_room(valid_from=opens, valid_until=opens + HOUR).id
    office.invite(room, stranger.user)

    early = stranger.try_to_join(room)
    clock.move_clock(3600 + 60)
    stranger.join(room)
    stranger.press("leave")
    clock.move_clock(2 * 3600 + 60)
    late = stranger.try_to_join(room)

    assert (early.numbers, late.numbers) == ("403/5829", "403/5829")


@pytest.mark.parametrize(("seconds", "refused"), [(-2, True), (2, False)])
def test_the_window_opens_to_the_second(
    clock: Server, office: Office, seconds: float, *, refused: bool
) -> None:
    user = office.user()
    # Far enough ahead that this test's own time does not matter.
    opens = datetime.now(UTC) + HOUR
    room = office.rooms.create_room(valid_from=opens, valid_until=opens + HOUR).id
    office.invite(room, user)

    clock.move_clock((opens - datetime.now(UTC)).total_seconds() + seconds)

    assert (_refusal(clock, user, room) == (403, 5829)) is refused


def test_an_unknown_room_is_not_found(stranger: Caller) -> None:
    assert stranger.try_to_join("99430570737419440").numbers == "404/5732"


def test_a_deleted_room_is_not_found(office: Office, stranger: Caller) -> None:
    room = office.room({stranger.user: PRESENTER})
    office.delete(room)

    assert stranger.try_to_join(room).numbers == "404/5732"


def test_a_token_of_garbage_is_refused(office: Office, stranger: Caller) -> None:
    room = office.room({stranger.user: PRESENTER})

    assert stranger.try_to_join(room, token=GARBAGE).numbers == "401/10009"


def test_a_token_with_one_changed_character_is_refused(office: Office, stranger: Caller) -> None:
    room = office.room({stranger.user: PRESENTER})
    head, payload, signature = stranger.user.token.split(".")
    changed = payload[:20] + ("A" if payload[20] != "A" else "B") + payload[21:]

    refused = stranger.try_to_join(room, token=f"{head}.{changed}.{signature}")

    assert refused.numbers == "401/10009"


def test_an_expired_token_is_refused(clock: Server, office: Office, visitor: Person) -> None:
    guest = Caller(visitor, clock, user=office.user(minutes=60), name="Late Guest")
    room = office.room({guest.user: PRESENTER})

    clock.move_clock(3600 + 5)

    assert guest.try_to_join(room).numbers == "401/10009"


@pytest.mark.parametrize("room", ["", "abc", "123", "99430570737419440 ", FULL_WIDTH])
def test_a_malformed_room_id_is_refused(server: Server, office: Office, room: str) -> None:
    assert _refusal(server, office.user(), room) == (400, 5751)


def test_a_deleted_users_token_is_refused(server: Server, office: Office) -> None:
    user = office.user()
    room = office.room({user: PRESENTER})
    office.forget(user)

    assert _refusal(server, user, room) == (401, 10009)


def _refusal(server: Server, user: User, room: str) -> tuple[int, int] | None:
    """With what code a join by hand is refused; None when it is let in."""
    with agent(server.ready.browser_url, server.secrets) as socket:
        try:
            socket.hello(user.token)
            socket.join(room)
        except Refusal as refusal:
            return refusal.code, refusal.sub_code
    return None
