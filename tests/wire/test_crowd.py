"""A crowd that joins through the agent socket and the gate over TLS: all hear all, and know of each other."""

from collections.abc import Iterator

import pytest
from support.deadlines import wait_for
from support.generator import Generator, Guest, Measured, at_server, generator
from support.office import ATTENDEE, Office, User
from support.server import Server

PEOPLE = 12
TALKERS = 3
# Their microphones are opened later, both at once.
LATER = (5, 6)
REMOVED = 9
# More microphones than one receives at once, and what of each is sent a second, at least and at most.
MANY = 14
TALK, SILENCE = 45, 3


@pytest.fixture(scope="module")
def users(office: Office) -> list[User]:
    return [office.user() for _ in range(PEOPLE)]


@pytest.fixture(scope="module")
def room(office: Office, users: list[User]) -> str:
    return office.room(dict.fromkeys(users, ATTENDEE))


@pytest.fixture(scope="module")
def crowd(server: Server) -> Iterator[Generator]:
    options = at_server(server.ready.endpoint, server.ready.ca, decrypts=True)
    with generator(*options) as running:
        yield running


def hear(crowd: Generator, voices: int) -> Measured | None:
    """What they hear once it is so many voices. Who speaks does not hear himself."""
    heard = crowd.measure(0.5)
    return heard if (heard.voices_least, heard.voices_most) == (voices - 1, voices) else None


def hears_no_more(crowd: Generator, person: int) -> bool:
    """Whether nothing comes to him while the others hear."""
    before = crowd.last([person])
    return crowd.measure(0.5).heard > 0 and crowd.last([person]) == before


def hears_talk(crowd: Generator) -> bool:
    """Whether they hear more than many silent microphones would give them."""
    heard = crowd.measure(1)
    return heard.heard / heard.seconds >= MANY * TALK > MANY * MANY * SILENCE


def test_who_speaks_is_heard_by_all_though_they_receive_as_many_microphones_as_one_does(
    server: Server, office: Office, crowd: Generator
) -> None:
    users = [office.user() for _ in range(MANY + 1)]
    room = office.room(dict.fromkeys(users, ATTENDEE))
    crowd.join([Guest(user.token) for user in users[:MANY]], room=room, seconds=0.5, within=1)
    crowd.unmute(range(MANY), seconds=0)
    wait_for("many microphones", lambda: crowd.measure(1).voices_least >= MANY - 2, within=20)

    with generator(*at_server(server.ready.endpoint, server.ready.ca)) as another:
        another.join([Guest(users[-1].token, talks=True)], room=room, seconds=0, within=1)
        wait_for("who speaks", lambda: hears_talk(crowd), within=20)
    crowd.leave()


def test_a_crowd_hears_what_was_said_and_whoever_is_taken_out_hears_no_more(
    crowd: Generator, office: Office, users: list[User], room: str
) -> None:
    guests = [Guest(user.token, talks=at < TALKERS) for at, user in enumerate(users)]

    joined = crowd.join(guests, room=room, seconds=1, within=20)

    assert joined.failed == {}
    assert joined.hearing == joined.complete == PEOPLE

    heard, _ = wait_for("the talkers", lambda: hear(crowd, TALKERS), within=10)

    assert heard.wrong == 0
    assert heard.standing == PEOPLE

    crowd.unmute(LATER, seconds=0)
    everybody = TALKERS + len(LATER)
    wait_for("the microphones that were opened", lambda: hear(crowd, everybody), within=10)

    office.expel(room, users[REMOVED])

    end, _ = wait_for("his end", lambda: crowd.last([REMOVED])[0].end, within=5)
    # He is told before he is put out.
    wait_for("silence for him", lambda: hears_no_more(crowd, REMOVED), within=5)
    after = crowd.measure(0.5)

    assert end == "0/5317"
    assert after.standing == PEOPLE - 1
    assert after.wrong == 0
    crowd.leave()
