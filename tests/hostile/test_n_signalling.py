"""N: frames, descriptions, candidates and floods at the gate, and what others notice of them."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import psutil
import pytest
from hostile.conftest import BreachedServer, Guests, Intruder
from livekit.protocol import rtc
from support.agents import agent
from support.deadlines import wait_for
from support.engine import config
from support.gates import Line, ShutOut, deaf_agent, deaf_line, join_request, line
from support.office import Office
from support.report import figure
from support.server import Server
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

FRAMES = "openrooms.media.livekit.frames"
DESCRIPTIONS = "openrooms.media.livekit.descriptions"
RATES = ("openrooms.calling.rates:Rate.take", "openrooms.calling.rates:Rates.take")
LIMITS = "openrooms.allowances:limits_of"
# Five seconds to the next ping, ten for its answer.
GIVEN_UP_WITHIN = 20.0
ORIGINS = "openrooms.http.origins:Origins.admit"
APP, EVIL = "https://app.example.org", "https://evil.example"
SECTION = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
OFFER = "\r\n".join(
    [
        *("v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0"),
        *("a=group:BUNDLE 0", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel"),
        *("c=IN IP4 0.0.0.0", "a=ice-ufrag:hand", "a=ice-pwd:made-by-hand-and-long-enough"),
        *("a=ice-options:trickle", "a=fingerprint:sha-256 " + ":".join(["AB"] * 32)),
        *("a=setup:actpass", "a=mid:0", "a=sctp-port:5000", ""),
    ]
)


def offer(sdp: str) -> rtc.SignalRequest:
    return rtc.SignalRequest(offer=rtc.SessionDescription(type="offer", sdp=sdp))


def still_served(other: Line) -> bool:
    """Whether somebody else is answered as ever."""
    other.say(rtc.SignalRequest(ping_req=rtc.Ping(timestamp=7)))
    return other.hear("pong_resp", within=2).pong_resp.last_ping_timestamp == 7


def closes_after(connection: Line, requests: list[rtc.SignalRequest]) -> int:
    """The close code that so many requests bring; 0 for none within two seconds."""
    try:
        for request in requests:
            connection.say(request)
        return connection.closed_with(within=2)
    except ConnectionClosed:
        return connection.closed_with(within=2)
    except AssertionError:
        return 0


@pytest.mark.guards(LIMITS, f"{FRAMES}:client_message")
def test_n01_a_frame_of_more_than_two_megabytes_ends_its_sender_alone(
    guests: Guests, attendee: Intruder, witness: Line
) -> None:
    with guests.line(attendee) as connection:
        # It may be cut while it still sends; the code is lost then.
        with suppress(ConnectionClosed):
            connection.send(b"\x0a" + b"x" * (2 * 1024 * 1024 + 1))

        assert connection.closed_with() in {1006, 1009, 4400}
    assert still_served(witness)


@pytest.mark.guards("openrooms.media.livekit.adapter:client_message")
@pytest.mark.parametrize("frame", [b"\xff" * 40, b"\x22\x7f\x0a", b"not protobuf"])
def test_n02_what_is_no_message_ends_its_sender_alone(
    guests: Guests, attendee: Intruder, witness: Line, frame: bytes
) -> None:
    with guests.line(attendee) as connection:
        connection.send(frame)

        assert connection.closed_with() == 4400
    assert still_served(witness)


@pytest.mark.guards(f"{DESCRIPTIONS}:description")
@pytest.mark.parametrize(
    "sdp",
    [
        pytest.param(OFFER + SECTION * 10_000, id="10,000 sections"),
        pytest.param(OFFER + "a=x:" + "y" * 1_000_000 + "\r\n", id="1 MB"),
        pytest.param(OFFER + "a=x\0y\r\n", id="NUL"),
    ],
)
def test_n03_a_description_that_no_browser_makes_is_refused_at_little_cost(
    server: Server, guests: Guests, attendee: Intruder, witness: Line, sdp: str
) -> None:
    engine = server.engine()
    assert engine is not None
    processes = [psutil.Process(server.pid), engine]
    with guests.line(attendee) as connection:
        before = _processor_seconds(processes)

        connection.say(offer(sdp))

        assert connection.closed_with() == 4400
        spent = _processor_seconds(processes) - before
    figure("processor time for a refused description", spent * 1000, at_most=100, unit="ms")
    assert still_served(witness)


@pytest.mark.guards(f"{DESCRIPTIONS}:description")
def test_n03_nor_does_it_pass_in_the_first_request(server: Server, attendee: Intruder) -> None:
    said = rtc.JoinRequest(
        publisher_offer=rtc.SessionDescription(type="offer", sdp=OFFER + "a=x\0y\r\n")
    )

    with (
        pytest.raises(ShutOut) as refused,
        line(server.ready.browser_url, attendee.leg.ticket, join_request=join_request(said)),
    ):
        pass

    assert refused.value.status == 403


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """A port of this machine that is nobody's business."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as made:
        made.bind(("127.0.0.2", 0))
        made.settimeout(3)
        yield made


@pytest.mark.guards(f"{DESCRIPTIONS}:Candidates.admit")
@pytest.mark.parametrize("way", ["trickled", "in the offer"])
def test_n04_the_engine_knocks_at_no_door_of_this_machine(
    guests: Guests, attendee: Intruder, door: socket.socket, way: str
) -> None:
    bad = _candidate(*door.getsockname())
    with guests.line(attendee) as connection:
        connection.say(offer(OFFER + (f"a={bad}\r\n" if way == "in the offer" else "")))
        connection.hear("answer")
        if way == "trickled":
            connection.say(_trickle(bad))

        with pytest.raises(TimeoutError):
            door.recv(2048)


def test_n04_it_does_knock_where_its_own_media_is(guests: Guests, attendee: Intruder) -> None:
    """Or else the test above would show nothing."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as browser:
        browser.bind(("127.0.0.1", 0))
        browser.settimeout(5)
        with guests.line(attendee) as connection:
            connection.say(offer(OFFER))
            connection.hear("answer")
            connection.say(_trickle(_candidate(*browser.getsockname())))

            # The magic cookie of STUN.
            assert browser.recv(2048)[4:8] == b"\x21\x12\xa4\x42"


@pytest.mark.guards(*RATES)
def test_n04_ten_thousand_candidates_end_their_sender(
    guests: Guests, attendee: Intruder, witness: Line
) -> None:
    flood = [_trickle(_candidate("203.0.113.7", port)) for port in range(10_000)]
    with guests.line(attendee) as connection:
        assert closes_after(connection, flood) == 4429
    assert still_served(witness)


@pytest.mark.guards("openrooms.calling.model:clean_name")
def test_n05_a_long_name_is_cut(server: Server, office: Office) -> None:
    user = office.user()
    with agent(server.ready.browser_url, server.secrets) as connection:
        said = connection.ask("hello", version=1, token=user.token, displayName="x" * 50_000)

    assert len(said["displayName"]) == 256


@pytest.mark.guards(LIMITS)
def test_n05_a_name_of_a_megabyte_ends_the_connection(server: Server, office: Office) -> None:
    user = office.user()
    with agent(server.ready.browser_url, server.secrets) as connection:
        try:
            connection.send(
                json.dumps(
                    {
                        "id": 1,
                        "op": "hello",
                        "version": 1,
                        "token": user.token,
                        "displayName": "x" * 1_000_000,
                    }
                )
            )
            code = connection.closed_with(within=5)
        except ConnectionClosed:
            code = connection.closed_with(within=5)

    assert code == 1009


@pytest.mark.guards(f"{FRAMES}:weigh")
def test_n06_a_flood_of_mutes_ends_its_sender_and_the_room_stays_usable(
    guests: Guests, attendee: Intruder, witness: Line
) -> None:
    mutes = [
        rtc.SignalRequest(mute=rtc.MuteTrackRequest(sid="TR_x", muted=number % 2 == 0))
        for number in range(400)
    ]
    with guests.line(attendee) as connection:
        assert closes_after(connection, mutes) == 4429
    assert still_served(witness)


@pytest.mark.guards(*RATES)
def test_n06_the_connections_of_one_user_share_what_he_may_say(
    office: Office, guests: Guests, attendee: Intruder, witness: Line
) -> None:
    """Four, each of which says less than one alone may; on a slow machine, more is allowed meanwhile."""
    # It counts, and the engine never sees it: that closes a connection itself on which it is asked too much.
    ping = rtc.SignalRequest(ping=1)
    same = [attendee, *(guests.again(attendee) for _ in range(3))]
    with ExitStack() as opened:
        lines = [opened.enter_context(guests.line(one)) for one in same]
        for connection in lines:
            with suppress(ConnectionClosed):
                for _ in range(990):
                    connection.say(ping)

        assert any(closes_after(connection, []) == 4429 for connection in reversed(lines))
    assert still_served(witness)


@pytest.mark.guards(
    "openrooms.calling.passages:BYTES_AT_ONCE", "openrooms.calling.passages:BYTES_A_SECOND"
)
def test_n01_a_flood_of_bytes_ends_its_sender(
    guests: Guests, attendee: Intruder, witness: Line
) -> None:
    """Far fewer messages than he may send, each as large as it may be."""
    large = rtc.UpdateSubscription(track_sids=["TR_" + "x" * 13] * 3_500)
    with guests.line(attendee) as connection:
        assert closes_after(connection, [rtc.SignalRequest(subscription=large)] * 200) == 4429
    assert still_served(witness)


@pytest.mark.guards("openrooms.calling.passages:Passages.knock")
def test_n06_opening_without_end_is_answered_with_come_again(
    server: Server, attendee: Intruder
) -> None:
    first = _opened(server, attendee.leg.ticket)

    # A slow machine opens fewer a second, and gets further before it is stopped.
    assert any(_opened(server, attendee.leg.ticket) == 503 for _ in range(600))
    assert first == 200


@pytest.mark.guards(LIMITS)
def test_who_reads_nothing_is_given_up_and_others_notice_nothing(
    server: Server, office: Office, attendee: Intruder, witness: Line
) -> None:
    url, user = server.ready.browser_url, office.user()
    with deaf_line(url, attendee.leg.ticket) as media, deaf_agent(url, user.token) as silent:
        assert not media.is_given_up()
        assert not silent.is_given_up()
        wait_for("his media is given up", media.is_given_up, within=GIVEN_UP_WITHIN)
        wait_for("his agent is given up", silent.is_given_up, within=GIVEN_UP_WITHIN)
    assert still_served(witness)


@pytest.mark.guards("openrooms.media.livekit.config:render")
def test_n07_the_engine_passes_on_few_of_the_pictures_that_are_asked_for(server: Server) -> None:
    """Requests for pictures go past the gate: the engine's own brake is what there is."""
    assert _throttle(server.data) == {
        "low_quality": "500ms",
        "mid_quality": "1s",
        "high_quality": "1s",
    }


@pytest.fixture(scope="module")
def choosy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BreachedServer]:
    """A server that lets pages of one site in, and its own."""
    folder = tmp_path_factory.mktemp("choosy")
    settings = folder / "origins.toml"
    settings.write_text(f'allowed_origins = ["{APP}"]\n')
    guards = tuple(filter(None, request.config.getoption("--breach").split(",")))
    made = BreachedServer(folder, guards, "--config", str(settings))
    with made.running():
        yield made


@pytest.mark.guards(ORIGINS)
@pytest.mark.parametrize("path", ["calling/v1/agent", "calling/v1/media/rtc/v1"])
def test_n08_a_page_of_another_site_opens_no_socket(choosy: BreachedServer, path: str) -> None:
    assert _handshake(choosy, path, EVIL) == (403, "Pages of this origin")


@pytest.mark.parametrize(
    ("origin", "status"), [(APP, 101), (None, 101), ("own", 101), ("null", 403), (f"{APP}:1", 403)]
)
def test_n08_named_pages_our_own_and_programs_do(
    choosy: BreachedServer, origin: str | None, status: int
) -> None:
    page = choosy.ready.browser_url.rstrip("/") if origin == "own" else origin

    assert _handshake(choosy, "calling/v1/agent", page)[0] == status


def test_n08_unless_some_are_named_any_page_may(server: Server) -> None:
    """A token in a message opens it, never a cookie; so a foreign page gains nothing."""
    assert _handshake(server, "calling/v1/agent", EVIL)[0] == 101


def _processor_seconds(processes: list[psutil.Process]) -> float:
    times = [process.cpu_times() for process in processes]
    return sum(time.user + time.system for time in times)


def _candidate(address: str, port: int) -> str:
    return f"candidate:1 1 udp 2113937151 {address} {port} typ host generation 0"


def _trickle(candidate: str) -> rtc.SignalRequest:
    init = json.dumps({"candidate": candidate, "sdpMid": "0", "sdpMLineIndex": 0})
    return rtc.SignalRequest(
        trickle=rtc.TrickleRequest(candidateInit=init, target=rtc.SignalTarget.PUBLISHER)
    )


def _throttle(data: Path) -> object:
    return config(data)["rtc"].get("pli_throttle")


def _opened(server: Server, ticket: str) -> int:
    try:
        with line(server.ready.browser_url, ticket):
            return 200
    except ShutOut as refused:
        return refused.status


def _handshake(server: Server, path: str, origin: str | None) -> tuple[int, str]:
    """How an upgrade is answered, and the beginning of what is said."""
    url = server.ready.browser_url.replace("http", "ws", 1) + path
    headers = {} if origin is None else {"Origin": origin}
    try:
        with connect(url, proxy=None, additional_headers=headers):
            return 101, ""
    except InvalidStatus as refused:
        said = json.loads(refused.response.body or b"{}")
        return refused.response.status_code, str(said["error"]["message"])[:20]
