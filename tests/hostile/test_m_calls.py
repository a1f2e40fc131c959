"""M: joining, staying and leaving, by a client that obeys nobody."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hostile.conftest import Guests, Intruder
from livekit.protocol import models, rtc
from support.agents import Agent, Refusal
from support.books import books
from support.deadlines import stays, wait_for
from support.engine import EngineEye
from support.gates import Line, ShutOut, line
from support.inputs.mint import open_mint
from support.office import ATTENDEE, CONSUMER, PRESENTER, Office, identifier
from support.report import figure
from support.server import Server

ADMIT = "openrooms.calling.model:admit"
FALL = "openrooms.calling.model:fall"
ROLES = "openrooms.calling.model:Leg.grants"
WINDOW = "openrooms.rooms.model:Window.admits"
HOUR = timedelta(hours=1)
PLACES = 5
SEAT_WITHIN = 1.0
LATECOMERS, ALL_LATECOMERS = 60, 280
AUDIO, VIDEO = models.TrackType.AUDIO, models.TrackType.VIDEO
CAMERA, MICROPHONE = models.TrackSource.CAMERA, models.TrackSource.MICROPHONE
SCREEN, SCREEN_AUDIO = models.TrackSource.SCREEN_SHARE, models.TrackSource.SCREEN_SHARE_AUDIO


@pytest.fixture
def clock(server: Server) -> Iterator[Server]:
    """The server, whose clock is put right again afterwards."""
    yield server
    server.move_clock(0)


def refused(socket: Agent, room: str) -> tuple[int, int]:
    """How a join is refused; (200, 0) when it is not."""
    try:
        socket.join(room)
    except Refusal as refusal:
        return refusal.code, refusal.sub_code
    return 200, 0


def shut_out(server: Server, ticket: str) -> bool:
    """Whether the gate lets nobody in with it."""
    try:
        with line(server.ready.browser_url, ticket):
            return False
    except ShutOut as answer:
        return answer.status == 403


def ended(who: Intruder, *, within: float) -> tuple[int, int]:
    said = who.agent.event("ended", within=within)
    return said["code"], said["subCode"]


@pytest.mark.guards(ADMIT)
def test_m01_who_is_not_on_the_roster_is_refused(guests: Guests, office: Office) -> None:
    assert refused(guests.socket(office.user()), office.room({})) == (403, 5828)


@pytest.mark.guards(WINDOW)
@pytest.mark.parametrize("seconds", [-60, 3600 + 60], ids=["before", "after"])
def test_m02_outside_its_window_nobody_joins_a_room(
    clock: Server, guests: Guests, office: Office, seconds: float
) -> None:
    user, opens = office.user(), datetime.now(UTC) + HOUR
    room = office.room({user: ATTENDEE}, valid_from=opens, valid_until=opens + HOUR)
    socket = guests.socket(user)

    clock.move_clock(3600 + seconds)

    assert refused(socket, room) == (403, 5829)


@pytest.mark.guards("openrooms.identity.tokens:Tokens.read")
def test_m03_who_is_no_user_of_ours_does_not_join(
    server: Server, guests: Guests, office: Office
) -> None:
    """A token that we sign is for users of ours alone; one that says otherwise is none."""
    user = office.user()
    mint = open_mint(server, user.token, "")
    orgid = mint.signed(skypeid=f"orgid:{user.guid}")

    with pytest.raises(Refusal) as refusal:
        guests.socket(type(user)(user.raw_id, orgid))

    assert (refusal.value.code, refusal.value.sub_code) in {(403, 5830), (401, 10009)}


@pytest.mark.guards("openrooms.calling.model:room_number")
@pytest.mark.parametrize("room", ["abc", "123", "9" * 40, "' OR 1=1--", "99412345678901234 "])
def test_m04_a_malformed_room_id_is_told(guests: Guests, office: Office, room: str) -> None:
    socket = guests.socket(office.user())

    assert refused(socket, room) == (400, 5751)


@pytest.mark.guards(ADMIT)
def test_m04_an_unknown_or_deleted_room_is_not_found(guests: Guests, office: Office) -> None:
    user = office.user()
    room, socket = office.room({user: PRESENTER}), guests.socket(user)
    office.delete(room)

    assert refused(socket, room) == (404, 5732)
    assert refused(socket, "99430570737419440") == (404, 5732)


@pytest.mark.guards(ADMIT)
def test_m05_one_more_than_there_are_seats_is_refused_and_a_free_one_is_usable(
    guests: Guests, office: Office, seats: int
) -> None:
    users = [office.user() for _ in range(seats + 1)]
    room = office.room(dict.fromkeys(users, ATTENDEE))
    sockets = [guests.socket(user) for user in users]
    seated = [socket.join(room) for socket in sockets[:-1]]

    assert refused(sockets[-1], room) == (413, 5808)
    sockets[0].leave(seated[0].call_id)
    free = time.monotonic()
    assert refused(sockets[-1], room) == (200, 0)
    figure("M05, a free seat is usable", time.monotonic() - free, at_most=SEAT_WITHIN, unit="s")
    for socket in sockets[1:]:
        socket.drain()
    assert not [one for socket in sockets[1:] for one in socket.events if one["event"] == "ended"]


@pytest.mark.guards(ROLES)
@pytest.mark.parametrize(("kind", "source"), [(AUDIO, MICROPHONE), (VIDEO, CAMERA)])
def test_m06_what_a_consumer_sends_nobody_receives(
    eye: EngineEye,
    guests: Guests,
    consumer: Intruder,
    kind: models.TrackType,
    source: models.TrackSource,
) -> None:
    with guests.line(consumer) as connection:
        connection.say(track(kind, source))

        assert connection.silent_about("track_published", for_seconds=1)
        assert [place.may_publish for place in eye.of(consumer.user.raw_id)] == [False]


@pytest.mark.guards(ROLES)
@pytest.mark.parametrize(("kind", "source"), [(VIDEO, SCREEN), (AUDIO, SCREEN_AUDIO)])
def test_m07_an_attendee_shows_no_screen(
    eye: EngineEye,
    guests: Guests,
    attendee: Intruder,
    witness: Line,
    kind: models.TrackType,
    source: models.TrackSource,
) -> None:
    with guests.line(attendee) as connection:
        connection.say(track(kind, source))

        assert connection.silent_about("track_published", for_seconds=1)
        places, _ = wait_for("his place", lambda: eye.of(attendee.user.raw_id), within=5)
        assert [place.sources for place in places] == [{"CAMERA", "MICROPHONE"}]


@pytest.mark.guards("openrooms.media.livekit.frames:client_message")
def test_m07_nobody_names_himself_or_others_anew(
    eye: EngineEye, guests: Guests, attendee: Intruder
) -> None:
    """The engine says no to it itself; the gate does not even ask."""
    forged = rtc.UpdateParticipantMetadata(name="forged", metadata="forged")
    with guests.line(attendee) as connection:
        connection.say(rtc.SignalRequest(update_metadata=forged))

        assert connection.silent_about("request_response", for_seconds=1)
        assert "forged" not in eye.of(attendee.user.raw_id)[0].text


@pytest.mark.guards("openrooms.calling.routes:calling_routes")
def test_m07_nobody_removes_others_by_the_engines_own_api(
    server: Server, eye: EngineEye, guests: Guests, attendee: Intruder, doctor: Intruder
) -> None:
    token = eye.token(roomAdmin=True, room=attendee.leg.call_id)
    seat = f"{doctor.user.raw_id}~{doctor.leg.participant_id}"
    with guests.line(doctor):
        status = eye.ask_at(
            server.ready.browser_url,
            "RemoveParticipant",
            {"room": attendee.leg.call_id, "identity": seat},
            token=token,
        )

        assert status in {401, 404, 405}
        stays("he is there", lambda: len(eye.of(doctor.user.raw_id)) == 1, for_seconds=1)


@pytest.mark.guards(FALL)
def test_m08_who_is_removed_is_out_within_two_seconds_and_comes_back_with_nothing(
    server: Server, office: Office, eye: EngineEye, guests: Guests, attendee: Intruder
) -> None:
    seat = f"{attendee.user.raw_id}~{attendee.leg.participant_id}"
    engines = eye.token(identity=seat, room=attendee.leg.call_id, roomJoin=True)
    with guests.line(attendee) as connection:
        office.expel(attendee.room, attendee.user)

        assert ended(attendee, within=2) == (0, 5317)
        wait_for("his seat to be empty", lambda: not eye.of(attendee.user.raw_id), within=2)
        assert connection.closed_with() in {1012, 4403}
    for token in (attendee.leg.ticket, attendee.user.token, engines):
        assert shut_out(server, token)
    assert refused(attendee.agent, attendee.room) == (403, 5828)
    stays("he is out", lambda: not eye.of(attendee.user.raw_id), for_seconds=1)


@pytest.mark.guards("openrooms.calling.ringing:Rings.remove")
def test_m08_whom_a_presenter_takes_out_is_out_within_two_seconds_with_all_that_he_holds(
    server: Server, eye: EngineEye, guests: Guests, attendee: Intruder, doctor: Intruder
) -> None:
    seat = f"{attendee.user.raw_id}~{attendee.leg.participant_id}"
    engines = eye.token(identity=seat, room=attendee.leg.call_id, roomJoin=True)
    with guests.line(attendee) as connection:
        doctor.agent.ask("remove", callId=doctor.leg.call_id, rawId=attendee.user.raw_id)

        assert ended(attendee, within=2) == (0, 5300)
        wait_for("his seat to be empty", lambda: not eye.of(attendee.user.raw_id), within=2)
        assert connection.closed_with() in {1012, 4403}
    for token in (attendee.leg.ticket, attendee.user.token, engines):
        assert shut_out(server, token)
    stays("he is out", lambda: not eye.of(attendee.user.raw_id), for_seconds=1)


@pytest.mark.guards(FALL)
def test_m09_whose_tokens_are_revoked_is_out_within_five_seconds(
    server: Server, office: Office, eye: EngineEye, guests: Guests, attendee: Intruder
) -> None:
    with guests.line(attendee):
        who: object = identifier(attendee.user)
        office.identities.revoke_tokens(who)  # type: ignore[arg-type]

        assert ended(attendee, within=5) == (401, 10009)
        wait_for("his seat to be empty", lambda: not eye.of(attendee.user.raw_id), within=5)
    assert shut_out(server, attendee.leg.ticket)


@pytest.mark.guards(WINDOW)
def test_m10_from_the_end_of_a_room_on_nobody_joins_its_running_call(
    clock: Server, guests: Guests, office: Office
) -> None:
    early, late = office.user(), office.user()
    roster = {early: ATTENDEE, late: ATTENDEE}
    room = office.room(roster, valid_until=datetime.now(UTC) + HOUR)
    sockets = [guests.socket(user) for user in (early, late)]
    sockets[0].join(room)

    clock.move_clock(3600 + 2)

    assert refused(sockets[1], room) == (403, 5829)
    assert sockets[0].ask("ping") == {}
    assert "ended" not in [one["event"] for one in sockets[0].events]


@pytest.mark.guards(FALL)
def test_m11_a_deleted_room_is_empty_within_two_seconds(
    server: Server, office: Office, eye: EngineEye, guests: Guests, attendee: Intruder
) -> None:
    with guests.line(attendee):
        office.delete(attendee.room)

        assert ended(attendee, within=2) == (0, 5317)
        wait_for("the seats to be empty", lambda: not eye.of(attendee.user.raw_id), within=2)
    assert shut_out(server, attendee.leg.ticket)


@pytest.mark.guards("openrooms.calling.model:group_id")
@pytest.mark.parametrize("group", ["friends", "6b0e3c1c-7d0f-4a58-9a4e", "{}", "x" * 4_000])
def test_m12_a_group_id_that_is_no_guid_is_refused(
    guests: Guests, office: Office, group: str
) -> None:
    """The browser SDK refuses it before any request; who speaks by hand hears it from us."""
    socket = guests.socket(office.user())

    with pytest.raises(Refusal) as refusal:
        socket.ask("join", groupId=group, joinId="6b0e3c1c-7d0f-4a58-9a4e-0d9b3a2f1c11")

    assert refusal.value.code == 400


@pytest.mark.guards("openrooms.calling.service:Calls.leave")
def test_m13_leaving_twice_is_harmless(attendee: Intruder) -> None:
    """And before any media was up. What the SDK's objects say then: its own tests."""
    for _ in range(3):
        attendee.agent.leave(attendee.leg.call_id)

    assert attendee.agent.ask("ping") == {}


@pytest.mark.guards(ADMIT)
def test_m14_of_many_at_once_exactly_as_many_get_in_as_there_are_places(
    request: pytest.FixtureRequest, server: Server, guests: Guests, office: Office, seats: int
) -> None:
    many = ALL_LATECOMERS if request.config.getoption("--whole") else LATECOMERS
    early, late = ([office.user() for _ in range(number)] for number in (seats - PLACES, many))
    room = office.room(dict.fromkeys((*early, *late), ATTENDEE))
    for user in early:
        guests.socket(user).join(room)
    sockets = [guests.socket(user) for user in late]

    with ThreadPoolExecutor(many) as crowd:
        said = Counter(crowd.map(lambda socket: refused(socket, room), sockets))

    assert said == {(200, 0): PLACES, (413, 5808): many - PLACES}
    with books(server.data) as now:
        assert now.live_legs(room) == seats
        assert now.violations() == {}


@pytest.mark.guards(FALL)
def test_m15_who_was_removed_while_he_was_away_is_not_let_in_again(
    server: Server, office: Office, eye: EngineEye, guests: Guests, attendee: Intruder
) -> None:
    with guests.line(attendee) as connection:
        connection.vanish()
    office.expel(attendee.room, attendee.user)

    assert shut_out(server, attendee.leg.ticket)
    assert refused(guests.socket(attendee.user), attendee.room) == (403, 5828)
    wait_for("his seat to be empty", lambda: not eye.of(attendee.user.raw_id), within=3)


@pytest.mark.guards("openrooms.calling.agents:Agents.enter")
def test_r04_joins_and_leaves_without_end_are_limited_and_leave_no_ghost(
    server: Server, office: Office, eye: EngineEye, guests: Guests, doctor: Intruder
) -> None:
    user = office.user()
    office.invite(doctor.room, user, CONSUMER)
    sockets = [guests.socket(user) for _ in range(2)]
    outcomes: Counter[tuple[int, int]] = Counter()
    for number in range(40):
        socket = sockets[number % 2]
        outcome = refused(socket, doctor.room)
        outcomes[outcome] += 1
        if outcome == (200, 0):
            socket.leave(doctor.leg.call_id)

    assert outcomes[429, 0] > 0
    # First the legs: the engine may be slow to tell, and who has no media is waited for 20 s only.
    with books(server.data) as now:
        assert now.live_legs(doctor.room) == 2
    assert doctor.agent.ask("ping") == {}
    wait_for("no ghost", lambda: not eye.of(user.raw_id), within=5)


def track(kind: models.TrackType, source: models.TrackSource) -> rtc.SignalRequest:
    asked = rtc.AddTrackRequest(cid="by-hand", name="by-hand", type=kind, source=source)
    return rtc.SignalRequest(add_track=asked)
