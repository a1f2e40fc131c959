"""A client made by hand, with a good ticket and bad manners, gets nothing more than its role."""

from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest
from livekit.protocol import models, rtc
from support.agents import Joined, agent
from support.deadlines import wait_for
from support.engine import EngineEye, Occupant
from support.gates import Line, ShutOut, join_request, line
from support.office import ATTENDEE, CONSUMER, PRESENTER, Office, User
from support.server import Server

AUDIO, VIDEO = models.TrackType.AUDIO, models.TrackType.VIDEO
UNKNOWN = models.TrackSource.UNKNOWN
CAMERA, MICROPHONE = models.TrackSource.CAMERA, models.TrackSource.MICROPHONE
SCREEN, SCREEN_AUDIO = models.TrackSource.SCREEN_SHARE, models.TrackSource.SCREEN_SHARE_AUDIO

MISLABELLED = [
    pytest.param(VIDEO, MICROPHONE, id="picture labelled microphone"),
    pytest.param(AUDIO, CAMERA, id="sound labelled camera"),
    pytest.param(VIDEO, SCREEN_AUDIO, id="picture labelled sound of the screen"),
    pytest.param(AUDIO, SCREEN, id="sound labelled screen"),
    pytest.param(VIDEO, UNKNOWN, id="picture without a label"),
    pytest.param(AUDIO, UNKNOWN, id="sound without a label"),
]
FORBIDDEN_TO_AN_ATTENDEE = [
    pytest.param(VIDEO, SCREEN, id="screen"),
    pytest.param(AUDIO, SCREEN_AUDIO, id="sound of the screen"),
]


@dataclass(frozen=True, slots=True)
class Intruder:
    """An invited user who speaks the wire by hand: his leg, and who he is."""

    user: User
    leg: Joined
    room: str


@pytest.fixture
def attendee(server: Server, office: Office) -> Iterator[Intruder]:
    yield from _intruder(server, office, invited_as=ATTENDEE)


@pytest.fixture
def consumer(server: Server, office: Office) -> Iterator[Intruder]:
    yield from _intruder(server, office, invited_as=CONSUMER)


def _intruder(server: Server, office: Office, *, invited_as: str) -> Iterator[Intruder]:
    user = office.user()
    room = office.room({user: invited_as})
    with agent(server.ready.browser_url, server.secrets) as socket:
        socket.hello(user.token)
        yield Intruder(user, socket.join(room), room)


@pytest.fixture
def witness(server: Server, office: Office, attendee: Intruder) -> Iterator[Line]:
    """The other side: a Presenter in the same call, who hears all that the engine tells him."""
    doctor = office.user()
    office.invite(attendee.room, doctor, PRESENTER)
    with agent(server.ready.browser_url, server.secrets) as socket:
        socket.hello(doctor.token)
        ticket = socket.join(attendee.room).ticket
        with line(server.ready.browser_url, ticket) as connection:
            connection.hear("join")
            yield connection


def _track(kind: models.TrackType, source: models.TrackSource) -> rtc.AddTrackRequest:
    return rtc.AddTrackRequest(cid="by-hand", name="by-hand", type=kind, source=source)


def _place(eye: EngineEye, who: Intruder) -> Occupant:
    places, _ = wait_for("his place at the engine", lambda: eye.of(who.user.raw_id), within=5)
    return places[0]


def _not_published(eye: EngineEye, who: Intruder, connection: Line) -> None:
    """No answer that it is published, and the engine has no track and keeps his rights as they were."""
    assert connection.silent_about("track_published", for_seconds=1)
    assert [place.tracks for place in eye.of(who.user.raw_id)] in ([], [()])


@pytest.mark.parametrize(("kind", "source"), MISLABELLED)
def test_a_mislabelled_track_closes_the_gate(
    server: Server,
    eye: EngineEye,
    attendee: Intruder,
    kind: models.TrackType,
    source: models.TrackSource,
) -> None:
    with line(server.ready.browser_url, attendee.leg.ticket) as connection:
        connection.hear("join")

        connection.say(rtc.SignalRequest(add_track=_track(kind, source)))

        assert connection.closed_with() == 4400
        _not_published(eye, attendee, connection)


@pytest.mark.parametrize(("kind", "source"), MISLABELLED)
def test_a_mislabelled_track_hidden_in_the_first_request_is_refused_at_the_door(
    server: Server,
    eye: EngineEye,
    attendee: Intruder,
    kind: models.TrackType,
    source: models.TrackSource,
) -> None:
    hidden = join_request(rtc.JoinRequest(add_track_requests=[_track(kind, source)]))

    with (
        pytest.raises(ShutOut) as refused,
        line(server.ready.browser_url, attendee.leg.ticket, join_request=hidden),
    ):
        pass

    assert refused.value.status == 403
    assert eye.of(attendee.user.raw_id) == []


@pytest.mark.parametrize(("kind", "source"), FORBIDDEN_TO_AN_ATTENDEE)
def test_what_an_attendee_may_not_send_has_no_effect(
    server: Server,
    eye: EngineEye,
    attendee: Intruder,
    witness: Line,
    kind: models.TrackType,
    source: models.TrackSource,
) -> None:
    hidden = join_request(rtc.JoinRequest(add_track_requests=[_track(kind, source)]))
    with line(server.ready.browser_url, attendee.leg.ticket, join_request=hidden) as connection:
        connection.hear("join")

        connection.say(rtc.SignalRequest(add_track=_track(kind, source)))

        _not_published(eye, attendee, connection)
        assert _place(eye, attendee).sources == {"CAMERA", "MICROPHONE"}
    assert _tracks_told(witness, attendee) == []


@pytest.mark.parametrize(("kind", "source"), [(AUDIO, MICROPHONE), (VIDEO, CAMERA)])
def test_a_consumer_may_send_nothing_at_all(
    server: Server,
    eye: EngineEye,
    consumer: Intruder,
    kind: models.TrackType,
    source: models.TrackSource,
) -> None:
    with line(server.ready.browser_url, consumer.leg.ticket) as connection:
        connection.hear("join")

        connection.say(rtc.SignalRequest(add_track=_track(kind, source)))

        _not_published(eye, consumer, connection)
        assert not _place(eye, consumer).may_publish


def test_what_an_attendee_may_send_is_let_through(
    server: Server, eye: EngineEye, attendee: Intruder
) -> None:
    with line(server.ready.browser_url, attendee.leg.ticket) as connection:
        connection.hear("join")

        connection.say(rtc.SignalRequest(add_track=_track(AUDIO, MICROPHONE)))

        assert connection.hear("track_published").track_published.cid == "by-hand"
        assert _place(eye, attendee).sources == {"CAMERA", "MICROPHONE"}


@pytest.mark.parametrize(
    "text",
    [
        '{"addTrack": {"cid": "x", "type": "VIDEO", "source": "MICROPHONE"}}',
        '{"simulate": {"speakerUpdate": 5}}',
        '{"pingReq": {"timestamp": 1}}',
        "no json at all",
    ],
)
def test_a_text_frame_closes_the_gate(
    server: Server, eye: EngineEye, attendee: Intruder, text: str
) -> None:
    with line(server.ready.browser_url, attendee.leg.ticket) as connection:
        connection.hear("join")

        connection.send(text)

        assert connection.closed_with() == 4400
        assert connection.texts == []
        _not_published(eye, attendee, connection)


@pytest.mark.parametrize("frame", [b"", b"\xff" * 40, b"\x22\x7f\x0a", b"\x82\x01\x04\x0a\x02hi"])
def test_a_frame_that_is_no_request_has_no_effect(
    server: Server, eye: EngineEye, attendee: Intruder, witness: Line, frame: bytes
) -> None:
    with line(server.ready.browser_url, attendee.leg.ticket) as connection:
        connection.hear("join")

        connection.send(frame)

        _not_published(eye, attendee, connection)
    witness.say(rtc.SignalRequest(ping_req=rtc.Ping(timestamp=1)))
    assert witness.hear("pong_resp").pong_resp.last_ping_timestamp == 1


@pytest.mark.parametrize(
    "scenario",
    [
        pytest.param(rtc.SimulateScenario(speaker_update=5), id="speaks"),
        pytest.param(rtc.SimulateScenario(node_failure=True), id="node fails"),
        pytest.param(rtc.SimulateScenario(migration=True), id="migrates"),
        pytest.param(rtc.SimulateScenario(server_leave=True), id="is thrown out"),
        pytest.param(rtc.SimulateScenario(disconnect_signal_on_resume=True), id="resumes"),
    ],
)
def test_a_simulated_scenario_happens_to_nobody(
    server: Server, attendee: Intruder, witness: Line, scenario: rtc.SimulateScenario
) -> None:
    with line(server.ready.browser_url, attendee.leg.ticket) as connection:
        connection.hear("join")

        connection.say(rtc.SignalRequest(simulate=scenario))

        assert connection.silent_about("leave", for_seconds=1)
        assert witness.silent_about("speakers_changed", for_seconds=0.5)
        effects = {"leave", "reconnect", "speakers_changed"}
        assert not effects & {message.WhichOneof("message") for message in connection.got}


def test_attributes_and_names_of_his_own_making_reach_nobody(
    server: Server, eye: EngineEye, attendee: Intruder
) -> None:
    forged = rtc.JoinRequest(metadata="forged", participant_attributes={"openrooms.role": "forged"})
    request = join_request(forged)

    with line(
        server.ready.browser_url,
        attendee.leg.ticket,
        join_request=request,
        attributes="Zm9yZ2Vk",
        metadata="forged",
        name="forged",
    ) as connection:
        connection.hear("join")
        update = rtc.UpdateParticipantMetadata(name="forged", metadata="forged")
        connection.say(rtc.SignalRequest(update_metadata=update))
        connection.silent_about("request_response", for_seconds=0.5)

        assert "forged" not in _place(eye, attendee).text


def test_a_second_participant_by_publish_does_not_come_to_be(
    server: Server, eye: EngineEye, attendee: Intruder
) -> None:
    with line(server.ready.browser_url, attendee.leg.ticket, publish="ghost") as connection:
        connection.hear("join")

        identities = [place.identity for place in eye.of(attendee.user.raw_id)]

    assert identities == [f"{attendee.user.raw_id}~{attendee.leg.participant_id}"]


def test_the_engines_own_tokens_open_nothing_at_the_gate(
    server: Server, eye: EngineEye, attendee: Intruder
) -> None:
    seat = f"{attendee.user.raw_id}~{attendee.leg.participant_id}"
    stolen = eye.token(identity=seat, room=attendee.leg.call_id, roomJoin=True)

    with pytest.raises(ShutOut) as refused, line(server.ready.browser_url, stolen):
        pass

    assert refused.value.status == 403
    assert eye.of(attendee.user.raw_id) == []


def test_no_token_of_the_engine_comes_down_the_wire(
    server: Server, eye: EngineEye, attendee: Intruder
) -> None:
    with line(server.ready.browser_url, attendee.leg.ticket) as connection:
        connection.hear("join")
        connection.silent_about("refresh_token", for_seconds=1.5)

        kinds = {message.WhichOneof("message") for message in connection.got}

    assert "refresh_token" not in kinds
    issuer = eye.token().partition(".")[0]
    assert issuer not in "".join(str(message) for message in connection.got)


@pytest.mark.parametrize(
    "path", ["calling/v1/media/rtc", "rtc/v1", "rtc", "whip/v1", "agent", "calling/v1/media/agent"]
)
def test_no_other_way_to_the_engine_is_open(server: Server, attendee: Intruder, path: str) -> None:
    with (
        pytest.raises(ShutOut) as refused,
        line(server.ready.browser_url, attendee.leg.ticket, path=path),
    ):
        pass

    assert refused.value.status in {403, 404, 405}


def test_the_engine_listens_on_loopback_only(server: Server) -> None:
    engine = server.engine()

    assert engine is not None
    listening = [
        each for each in engine.net_connections("tcp") if each.status == psutil.CONN_LISTEN
    ]
    assert {each.laddr.ip for each in listening} == {"127.0.0.1"}
    assert {each.laddr.ip for each in engine.net_connections("udp")} == {"127.0.0.1"}


def test_others_notice_nothing_of_all_this(
    server: Server, attendee: Intruder, witness: Line
) -> None:
    with line(server.ready.browser_url, attendee.leg.ticket) as connection:
        connection.hear("join")
        connection.say(rtc.SignalRequest(add_track=_track(VIDEO, MICROPHONE)))
        assert connection.closed_with() == 4400

    assert witness.silent_about("speakers_changed", for_seconds=1)
    assert not [m for m in witness.got if m.WhichOneof("message") == "leave"]
    assert _tracks_told(witness, attendee) == []


def _tracks_told(witness: Line, who: Intruder) -> list[models.TrackInfo]:
    """Tracks of his that the engine has told the other side of."""
    return [
        track
        for message in witness.got
        for participant in (*message.update.participants, *message.join.other_participants)
        if participant.identity.startswith(who.user.raw_id)
        for track in participant.tracks
    ]
