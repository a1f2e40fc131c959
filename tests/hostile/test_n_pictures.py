"""N07: a browser that asks for whole pictures all the time costs the sender next to nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile.conftest import BreachedServer
from support.browser import Town
from support.deadlines import wait_for
from support.likeness import DOCTOR, PATIENT
from support.office import PRESENTER, Office
from support.report import figure
from support.sdkpage import Client, serve_page

JOIN = """app.agent.join({ roomId: it.room }, {
  videoOptions: { localVideoStreams: [await app.newCamera()] },
})"""
JOINED_WITHIN = 15.0
ASKED = 1_000
# Of each of the sizes in which a picture is sent, one a second or two.
PASSED_ON = 0.02


@pytest.fixture
def two(
    server: BreachedServer, office: Office, people: Town, tmp_path: Path
) -> Iterator[tuple[Client, Client]]:
    """Two who see each other, in pages that do as they are told."""
    users = [office.user(), office.user()]
    room = office.room(dict.fromkeys(users, PRESENTER))
    with serve_page(tmp_path) as address:
        pair = Client(people.call(DOCTOR), address), Client(people.call(PATIENT), address)
        for each, user, name in zip(pair, users, ("Ann", "Ben"), strict=True):
            each.open()
            each.enter(user, name)
            each.do(JOIN, room=room)
            each.is_in("Connected", within=JOINED_WITHIN)
        pair[0].sees(pair[1], within=JOINED_WITHIN)
        yield pair


@pytest.mark.guards("openrooms.media.livekit.config:render")
def test_n07_of_a_thousand_requests_for_pictures_few_reach_who_sends_them(
    two: tuple[Client, Client],
) -> None:
    sender, greedy = two
    greedy.sees(sender, within=JOINED_WITHIN)
    before = sender.person.evaluate("harness.pictureRequests()")["got"]

    assert greedy.person.evaluate("harness.askForPictures()") > 0
    sent, _ = wait_for("a thousand requests", lambda: _sent(greedy), within=30)
    got = sender.person.evaluate("harness.pictureRequests()")["got"] - before

    figure("N07, requests for pictures passed on", got / sent, at_most=PASSED_ON, unit="")
    greedy.sees(sender, within=JOINED_WITHIN)


def _sent(client: Client) -> int | None:
    sent: int = client.person.evaluate("harness.pictureRequests()")["sent"]
    return sent if sent >= ASKED else None
