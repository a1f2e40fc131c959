"""H: what an unmodified engine would let a client do, and does not behind our gate."""

import http.client
import json
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import psutil
import pytest
from hostile.asking import engine_words, everywhere, shut_out, validated
from hostile.conftest import BreachedServer, Guests, Intruder
from livekit.protocol import models, rtc
from support.agents import Refusal
from support.deadlines import wait_for
from support.engine import EngineEye
from support.gates import Line, ShutOut, disguised_line, join_request, line
from support.office import ATTENDEE, CONSUMER, PRESENTER, Office
from support.server import Server

FRAMES = "openrooms.media.livekit.frames"
GATE = "openrooms.calling.gate"
ROLES = "openrooms.calling.model:Leg.grants"
CONFIG = "openrooms.media.livekit.config:render"
DOORS = "openrooms.calling.routes:calling_routes"
AUDIO, VIDEO = models.TrackType.AUDIO, models.TrackType.VIDEO
CAMERA, MICROPHONE = models.TrackSource.CAMERA, models.TrackSource.MICROPHONE
SCREEN, SCREEN_AUDIO = models.TrackSource.SCREEN_SHARE, models.TrackSource.SCREEN_SHARE_AUDIO
SPOOFED = {"X-Forwarded-For": "198.51.100.7", "CF-Connecting-IP": "::1", "X-Real-IP": "10.9.8.7"}


def track(kind: models.TrackType, source: models.TrackSource) -> rtc.SignalRequest:
    asked = rtc.AddTrackRequest(cid="by-hand", name="by-hand", type=kind, source=source)
    return rtc.SignalRequest(add_track=asked)


def sources(connection: Line) -> set[int]:
    """What the engine says in its first answer that he may send."""
    permission = connection.got[0].join.participant.permission
    return set(permission.can_publish_sources) if permission.can_publish else set()


@pytest.mark.guards(f"{FRAMES}:server_message")
def test_h01_no_token_of_the_engine_comes_down_the_wire(
    eye: EngineEye, guests: Guests, attendee: Intruder
) -> None:
    with guests.line(attendee) as connection:
        connection.silent_about("refresh_token", for_seconds=1.5)

        kinds = {message.WhichOneof("message") for message in connection.got}

    assert "refresh_token" not in kinds
    issuer = eye.token().partition(".")[0]
    assert issuer not in "".join(str(message) for message in connection.got)


@pytest.mark.guards(f"{GATE}:Gate._leg")
def test_h02_h11_without_a_ticket_nobody_gets_in_or_learns_who_is_in(
    server: Server, eye: EngineEye, attendee: Intruder, witness: Line
) -> None:
    seat = f"{attendee.user.raw_id}~{attendee.leg.participant_id}"
    stolen = eye.token(identity=seat, room=attendee.leg.call_id, roomJoin=True)
    tries = [attendee.leg.participant_id, attendee.leg.call_id, attendee.user.token, stolen, "x"]

    answers = [shut_out(server, ticket) for ticket in tries]

    assert [answer.status for answer in answers] == [403] * len(tries)
    assert not [answer for answer in answers if attendee.user.raw_id in answer.body]
    assert len(eye.of(attendee.user.raw_id)) == 0


@pytest.mark.guards("openrooms.calling.store:change_ticket")
def test_h02_a_ticket_that_was_replaced_opens_nothing(
    server: Server, guests: Guests, office: Office
) -> None:
    user = office.user()
    room, socket = office.room({user: ATTENDEE}), guests.socket(user)
    join_id = "6b0e3c1c-7d0f-4a58-9a4e-0d9b3a2f1c11"
    first = socket.join(room, join_id=join_id)

    second = socket.join(room, join_id=join_id)

    assert first.participant_id == second.participant_id
    assert shut_out(server, first.ticket).status == 403


@pytest.mark.guards("openrooms.calling.service:Calls._leg_of_ticket", f"{GATE}:Gate._live")
def test_h03_a_stale_ticket_makes_no_room_anew(
    server: Server, eye: EngineEye, office: Office, guests: Guests, attendee: Intruder
) -> None:
    call = attendee.leg.call_id
    with guests.line(attendee):
        office.delete(attendee.room)
        wait_for("the engine's room to go", lambda: call not in eye.rooms(), within=5)

    assert validated(server, attendee.leg.ticket) == 403
    assert shut_out(server, attendee.leg.ticket).status == 403
    assert call not in eye.rooms()


@pytest.mark.guards(CONFIG)
def test_h03_the_engine_makes_no_room_for_whoever_comes(eye: EngineEye) -> None:
    token = eye.token(identity="8:acs:x~y", room="no-call-of-ours", roomJoin=True)

    with pytest.raises(ShutOut) as refused, line(f"{eye.url}/", token, path="rtc/v1"):
        pass

    assert refused.value.status == 404


@pytest.mark.guards("openrooms.calling.model:admit")
def test_h04_a_call_takes_no_more_than_it_may(server: Server, eye: EngineEye) -> None:
    """The cap itself: `test_m_calls`. A stranger gets no seat at the engine to count."""
    office = Office(server)
    room, stranger = office.room({}), office.user()
    guests = Guests(server, office)

    with pytest.raises(Refusal) as refused:
        guests.socket(stranger).join(room)
    guests.close()
    office.close()

    assert (refused.value.code, refused.value.sub_code) == (403, 5828)
    assert eye.of(stranger.raw_id) == []


@pytest.mark.guards(
    "openrooms.media.livekit.query:upstream_query", "openrooms.media.livekit.dialing:connect"
)
def test_h05_a_second_participant_by_publish_does_not_come_to_be(
    eye: EngineEye, guests: Guests, attendee: Intruder
) -> None:
    with guests.line(attendee, publish="ghost"):
        identities = [place.identity for place in eye.of(attendee.user.raw_id)]

    assert identities == [f"{attendee.user.raw_id}~{attendee.leg.participant_id}"]


@pytest.mark.guards(f"{GATE}:Gate._live", f"{GATE}:Gate._make_true")
def test_h06_who_was_demoted_comes_back_with_less(
    office: Office, guests: Guests, attendee: Intruder
) -> None:
    office.invite(attendee.room, attendee.user, PRESENTER)
    attendee.agent.event("roleChanged", within=5)
    with guests.line(attendee) as before:
        assert sources(before) == {CAMERA, MICROPHONE, SCREEN, SCREEN_AUDIO}
    office.invite(attendee.room, attendee.user, CONSUMER)
    attendee.agent.event("roleChanged", within=5)

    with guests.line(attendee) as after:
        assert sources(after) == set()


@pytest.mark.guards(f"{FRAMES}:admits")
@pytest.mark.parametrize(
    ("kind", "source"),
    [(VIDEO, MICROPHONE), (AUDIO, CAMERA)],
    ids=["a picture as a microphone", "sound as a camera"],
)
def test_h07_a_mislabelled_track_closes_the_gate(
    eye: EngineEye,
    guests: Guests,
    attendee: Intruder,
    kind: models.TrackType,
    source: models.TrackSource,
) -> None:
    with guests.line(attendee) as connection:
        connection.say(track(kind, source))

        assert connection.closed_with() == 4400
        assert [place.tracks for place in eye.of(attendee.user.raw_id)] in ([], [()])


@pytest.mark.guards(f"{FRAMES}:admits")
def test_h07_a_mislabelled_track_in_the_first_request_is_refused_at_the_door(
    server: Server, eye: EngineEye, attendee: Intruder
) -> None:
    asked = track(VIDEO, MICROPHONE).add_track
    hidden = join_request(rtc.JoinRequest(add_track_requests=[asked]))

    refused = shut_out(server, attendee.leg.ticket, join_request=hidden)

    assert refused.status == 403
    assert eye.of(attendee.user.raw_id) == []


@pytest.mark.guards(DOORS)
def test_h08_nobody_mutes_or_unmutes_others_by_the_engines_own_api(
    server: Server, eye: EngineEye, attendee: Intruder, witness: Line
) -> None:
    token = eye.token(roomAdmin=True, room=attendee.leg.call_id)
    told = {"room": attendee.leg.call_id, "identity": "y", "trackSid": "TR_x", "muted": True}
    asked = json.dumps(told).encode()

    answers = everywhere(server, "twirp/livekit.RoomService/MutePublishedTrack", token, body=asked)

    # The very words with which we say that there is no such page.
    assert answers == everywhere(server, "nothing/of/ours", token, body=asked)
    assert witness.silent_about("mute", for_seconds=0.5)


@pytest.mark.guards("openrooms.rooms.model:Window.admits")
def test_h09_a_room_that_has_ended_takes_nobody_in(
    server: Server, guests: Guests, office: Office
) -> None:
    user = office.user()
    room = office.room({user: ATTENDEE}, valid_until=datetime.now(UTC) + timedelta(minutes=30))
    socket = guests.socket(user)
    server.move_clock(31 * 60)
    try:
        with pytest.raises(Refusal) as refused:
            socket.join(room)
    finally:
        server.move_clock(0)

    assert (refused.value.code, refused.value.sub_code) == (403, 5829)


@pytest.mark.guards(f"{FRAMES}:client_message")
@pytest.mark.parametrize(
    "scenario",
    [
        pytest.param(rtc.SimulateScenario(speaker_update=5), id="speaks"),
        pytest.param(rtc.SimulateScenario(server_leave=True), id="is thrown out"),
    ],
)
def test_h10_a_simulated_scenario_happens_to_nobody(
    guests: Guests, attendee: Intruder, witness: Line, scenario: rtc.SimulateScenario
) -> None:
    with guests.line(attendee) as connection:
        connection.say(rtc.SignalRequest(simulate=scenario))

        assert connection.silent_about("leave", for_seconds=1.5)
        assert witness.silent_about("speakers_changed", for_seconds=0.5)
        effects = {"leave", "reconnect", "speakers_changed"}
        assert not effects & {message.WhichOneof("message") for message in connection.got}


@pytest.mark.guards(f"{GATE}:Gate.serve", "openrooms.media.livekit.dialing:connect")
def test_h12_what_claims_to_be_an_address_never_reaches_the_engine(
    server: BreachedServer, attendee: Intruder
) -> None:
    connection = disguised_line(server.ready.browser_url, attendee.leg.ticket, SPOOFED)
    connection.hear("join")
    connection.hang_up()

    told = server.probe.read_text()
    assert told.count("Authorization") >= 1
    assert not [value for value in SPOOFED.values() if f"'{value}'" in told]


@pytest.mark.guards(f"{FRAMES}:_with_servers")
def test_h13_the_engine_relays_for_nobody_and_names_no_helper_elsewhere(
    guests: Guests, attendee: Intruder
) -> None:
    with guests.line(attendee) as connection:
        named = [url for one in connection.got[0].join.ice_servers for url in one.urls]

    hosts = [url.partition(":")[2].rpartition(":")[0] for url in named]
    assert not [url for url in named if url.startswith("turn")]
    assert all(ip_address(host).is_loopback for host in hosts), named


@pytest.mark.guards(
    "openrooms.calling.reports:Reports._room_started",
    "openrooms.calling.reconciler:Reconciler._close",
)
def test_h14_a_room_that_is_no_call_of_ours_goes(eye: EngineEye) -> None:
    eye.create("zombie-of-nobody")

    wait_for("it to go", lambda: "zombie-of-nobody" not in eye.rooms(), within=8)


@pytest.mark.guards(f"{FRAMES}:LARGEST_OTHER")
def test_h15_a_large_message_closes_the_gate(guests: Guests, attendee: Intruder) -> None:
    told = rtc.UpdateSubscription(track_sids=["TR_" + "x" * 13] * 8_000)
    with guests.line(attendee) as connection:
        connection.say(rtc.SignalRequest(subscription=told))

        assert connection.closed_with() == 4400


@pytest.mark.guards("openrooms.media.livekit.query:LARGEST_CLIENT_INFO")
def test_h15_a_client_that_says_too_much_of_itself_is_refused(
    server: Server, attendee: Intruder
) -> None:
    said = rtc.JoinRequest(client_info=models.ClientInfo(other_sdks="x" * 8_000))

    refused = shut_out(server, attendee.leg.ticket, join_request=join_request(said))

    assert refused.status == 403


@pytest.mark.guards(f"{GATE}:Gate._up")
@pytest.mark.parametrize(
    "text",
    [
        '{"addTrack": {"cid": "x", "type": "VIDEO", "source": "MICROPHONE"}}',
        '{"simulate": {"speakerUpdate": 5}}',
        '{"pingReq": {"timestamp": 1}}',
    ],
)
def test_h16_a_text_frame_closes_the_gate(guests: Guests, attendee: Intruder, text: str) -> None:
    with guests.line(attendee) as connection:
        connection.send(text)

        assert connection.closed_with() == 4400
        assert connection.texts == []


@pytest.mark.guards(DOORS)
@pytest.mark.parametrize(
    "path",
    [
        *("twirp/livekit.RoomService/ListRooms", "rtc/validate", "rtc/v1/validate"),
    ],
)
def test_h03_no_other_way_to_the_engine_is_open_on_either_listener(
    server: Server, eye: EngineEye, attendee: Intruder, path: str
) -> None:
    """The engine would say something else than that there is no such page."""
    token = eye.token(roomList=True, roomJoin=True, room=attendee.leg.call_id)

    answers = everywhere(server, path, token, shown=True)

    assert set(answers) <= {b"401", b"404", b"405"}
    assert engine_words(server, path, token) == []


@pytest.mark.parametrize(
    "path", ["rtc", "whip/v1", "agent", "debug/pprof/", "debug/rooms", "debug/goroutine", "metrics"]
)
def test_h03_nor_one_on_which_the_engine_itself_is_silent(
    server: Server, eye: EngineEye, path: str
) -> None:
    answers = everywhere(server, path, eye.token(roomList=True, roomJoin=True), shown=True)
    ours = {b"200"} if path == "metrics" else set[bytes]()

    assert set(answers) <= {b"401", b"404", b"405"} | ours


def test_the_engine_listens_on_loopback_alone_and_lets_nobody_look_into_it(
    server: Server,
) -> None:
    engine = server.engine()

    assert engine is not None
    listening = [one for one in engine.net_connections("tcp") if one.status == psutil.CONN_LISTEN]
    assert {one.laddr.ip for one in listening} == {"127.0.0.1"}
    # Its API, and what it counts, which has a password; no others.
    assert len(listening) == 2
    doors = [one.laddr.port for one in listening]
    assert sorted(_status(port, "metrics") for port in doors) == [401, 404]
    assert {_status(port, "debug/pprof/") for port in doors} <= {401, 404}


def _status(port: int, path: str) -> int:
    """What somebody on this machine is answered who asks without a password."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", f"/{path}")
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["calling/v1/media/rtc", "calling/v1/media/rtc/validate"])
def test_the_old_path_is_not_offered_for_no_browser_needs_it(
    server: Server, attendee: Intruder, path: str
) -> None:
    """livekit-client 2.23 takes it only when told to, or when the new path answers 404."""
    with (
        pytest.raises(ShutOut) as refused,
        line(server.ready.browser_url, attendee.leg.ticket, path=path),
    ):
        pass

    assert refused.value.status in {403, 404}
