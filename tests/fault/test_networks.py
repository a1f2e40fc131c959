"""What is lost between a browser and the server for a while, one thing at a time, and what calls make of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from calls.meeting import JOIN, MET_WITHIN, WATCH_AGENT, WATCH_NETWORK, reconnects
from support.browser import Town
from support.deadlines import stays, wait_for
from support.island import Flow, Island, island
from support.likeness import DOCTOR, PATIENT
from support.office import PRESENTER, Office
from support.report import figure
from support.sdkpage import Client
from support.server import Server

AWAY_SECONDS = 10.0
BACK_WITHIN = 10.0
LONG_AWAY_SECONDS, LONG_BACK_WITHIN = 55.0, 20.0
TOLD_WITHIN = 10.0
KEEP = f"{WATCH_NETWORK}{WATCH_AGENT}globalThis.kept = {{ call: app.call, other: app.other() }};"
KEPT = """
  return app.call === kept.call && app.agent.calls.length === 1
    && app.call.remoteParticipants.length === 1 && app.other() === kept.other;
"""


@dataclass(frozen=True, slots=True)
class Distant:
    """Two in a call, and the network of one of them."""

    near: Client
    far: Client
    network: Island

    def goes_on(self) -> bool:
        """Each is still in the call for the other."""
        return all(
            each.look().end is None and each.other(other) is not None
            for each, other in ((self.near, self.far), (self.far, self.near))
        )

    def meet(self) -> float:
        """Each sees and hears the other; the seconds until both did."""
        took = 0.0
        for each, other in ((self.near, self.far), (self.far, self.near)):
            took += each.watches(other, within=MET_WITHIN)
            took += each.hears(other, within=MET_WITHIN)
        return took


@pytest.fixture
def call(server: Server, office: Office, people: Town, sdk_page: str) -> Iterator[Distant]:
    with island(server.ports, urlsplit(sdk_page).port) as network:
        near = Client(people.call(DOCTOR), sdk_page)
        far = Client(people.call(PATIENT, on=network), sdk_page)
        users = office.user(), office.user()
        room = office.room(dict.fromkeys(users, PRESENTER))
        for each, user, name in zip((near, far), users, ("Ann", "Ben"), strict=True):
            each.open()
            each.enter(user, name)
            each.do(JOIN, place={"roomId": room})
            each.is_in("Connected", within=MET_WITHIN)
        made = Distant(near, far, network)
        made.meet()
        for each in (near, far):
            each.do(KEEP)
        yield made
        people.empty()


@pytest.mark.lasts(25)
@pytest.mark.parametrize(
    ("flow", "told", "touch"),
    [
        # While pictures and voices go on, people are not troubled.
        ("agent", [], ["Connected Disconnected connectionIssue", "Disconnected Connected"]),
        ("signalling", [], []),
        ("media", ["networkReconnect 2", "networkReconnect 1"], []),
    ],
)
def test_a_call_outlives_ten_seconds_without(
    call: Distant, flow: Flow, told: list[str], touch: list[str]
) -> None:
    call.network.lose(flow)
    stays("both are in the call", call.goes_on, for_seconds=AWAY_SECONDS)
    call.network.find()

    back = call.meet()
    # Pictures may be there all along: then the agent may still be finding its way back.
    wait_for("the agent is back", lambda: len(_touch(call.far)) >= len(touch), within=BACK_WITHIN)

    assert _lost(call.far) == ({flow} if flow != "media" else set())
    assert reconnects(call.far) == told
    assert _touch(call.far) == touch
    assert _lost(call.near) == set()
    assert reconnects(call.near) == []
    assert _touch(call.near) == []
    for each in (call.near, call.far):
        assert each.look().state == "Connected"
        assert each.do(KEPT)
    figure(f"{flow} lost for 10 s: seen and heard again after", back, at_most=BACK_WITHIN, unit="s")


@pytest.mark.lasts(85)
def test_who_can_say_nothing_for_a_while_has_not_hung_up(call: Distant) -> None:
    # Signalling would do: what the page says there when it starts anew is no goodbye.
    call.network.lose("agent", "media")
    stays("both are in the call", call.goes_on, for_seconds=LONG_AWAY_SECONDS)
    call.network.find()

    back = call.meet()

    for each in (call.near, call.far):
        assert each.do(KEPT)
    figure(
        "agent and media lost for 55 s: seen and heard again after",
        back,
        at_most=LONG_BACK_WITHIN,
        unit="s",
    )


@pytest.mark.parametrize(
    ("flow", "after", "within", "end", "told"),
    [
        # The server cannot tell him: he hears of it at the gate, which lets him in no more.
        pytest.param(
            "agent", 60.0, 70.0, "0/4521", ["networkReconnect 3"], marks=pytest.mark.lasts(85)
        ),
        # Both ends take up to half a minute to give media up, and two minutes count from then.
        pytest.param(
            "media",
            120.0,
            160.0,
            "410/301005",
            ["networkReconnect 2", "networkReconnect 3"],
            marks=pytest.mark.lasts(175),
        ),
        # The engine waits for two minutes before it gives him up, and two minutes count from then.
        pytest.param(
            "signalling",
            120.0,
            260.0,
            "410/301005",
            ["networkReconnect 3"],
            marks=pytest.mark.lasts(275),
        ),
    ],
)
def test_what_is_lost_for_good_alone_ends_the_call_for_its_own_reason(
    call: Distant, flow: Flow, after: float, within: float, end: str, told: list[str]
) -> None:
    call.network.lose(flow)

    _, gone = wait_for("he is gone", lambda: call.near.other(call.far) is None, within=within)
    ended = call.far.ends(within=TOLD_WITHIN).end

    assert ended == end
    assert reconnects(call.far) == told
    assert call.near.look().state == "Connected"
    assert gone >= after - 1
    figure(f"{flow} lost for good: gone for others after", gone, at_most=within, unit="s")


def _lost(who: Client) -> set[str]:
    """Of which kinds a connection broke: the engine's client tells apps nothing of its signalling."""
    return {flow for flow, times in who.do("return harness.lost()").items() if times > 0}


def _touch(who: Client) -> list[str]:
    """How the connection of the agent has changed, with the reasons."""
    return list(who.do("return app.touch"))
