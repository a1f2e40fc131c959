"""What calls tell people about their network and their devices, from real conditions."""

from collections.abc import Iterator

import pytest
from calls.meeting import JOIN, MET_WITHIN
from support.browser import Town
from support.deadlines import wait_for
from support.likeness import DOCTOR, PATIENT
from support.office import PRESENTER, Office
from support.report import figure
from support.sdkpage import Client
from support.server import Server

FOLLOW = """
  app.raised = [];
  const { network, media } = app.call.feature(app.Features.UserFacingDiagnostics);
  for (const one of [network, media])
    one.on("diagnosticChanged", ({ diagnostic, value }) => app.raised.push(`${diagnostic} ${value}`));
"""
TOLD_WITHIN = 5.0
BACK_WITHIN = 10.0


@pytest.fixture(scope="module")
def two(neighbours: Town, sdk_page: str) -> tuple[Client, Client]:
    """Two people in front of their browsers."""
    pair = Client(neighbours.call(DOCTOR), sdk_page), Client(neighbours.call(PATIENT), sdk_page)
    for each in pair:
        each.open()
    return pair


@pytest.fixture
def call(office: Office, two: tuple[Client, Client]) -> Iterator[tuple[Client, Client]]:
    """Both in a call, with what it raises."""
    users = [office.user(), office.user()]
    room = office.room(dict.fromkeys(users, PRESENTER))
    for each, user, name in zip(two, users, ("Ann", "Ben"), strict=True):
        each.enter(user, name)
        each.do(JOIN, place={"roomId": room})
        each.is_in("Connected", within=MET_WITHIN)
        each.do(FOLLOW)
    yield two
    for each in two:
        each.do("await app.leave()")


def _raises(client: Client, what: str, *, within: float) -> float:
    def told() -> bool:
        return what in client.do("return app.raised")

    _, took = wait_for(f"{client.name} is told {what}", told, within=within + 10)
    return took


def test_a_lost_engine_is_told_as_reconnecting_until_media_is_back(
    server: Server, call: tuple[Client, Client]
) -> None:
    server.kill_engine()

    bad = max(_raises(each, "networkReconnect 3", within=TOLD_WITHIN) for each in call)
    good = max(_raises(each, "networkReconnect 1", within=BACK_WITHIN) for each in call)

    figure("engine killed: reconnecting is told", bad, at_most=TOLD_WITHIN, unit="s")
    figure("engine killed: that media is back is told", good, at_most=BACK_WITHIN, unit="s")
