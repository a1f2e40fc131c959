"""N: more open microphones than may be, asked for in every way that a client has."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hostile.conftest import OPEN_MICROPHONES, Guests, Intruder
from livekit.protocol import models, rtc
from support.deadlines import wait_for
from support.gates import Line, join_request
from support.office import ATTENDEE

PLACES = "openrooms.media.livekit.microphones:Microphones._admits"
Reason = rtc.RequestResponse
# The engine's list of who is there is looked at each five seconds.
FREED_WITHIN = 12.0


@pytest.fixture
def crowd(guests: Guests, attendee: Intruder) -> Iterator[list[Line]]:
    """Connections to one call: so many as may speak at once, and one more."""
    others = [guests.join(str(ATTENDEE.value), attendee.room) for _ in range(OPEN_MICROPHONES)]
    with ExitStack() as open_lines:
        yield [open_lines.enter_context(guests.line(one)) for one in (attendee, *others)]


def asks(*, muted: bool = False, cid: str = "voice") -> rtc.AddTrackRequest:
    kind, source = models.TrackType.AUDIO, models.TrackSource.MICROPHONE
    return rtc.AddTrackRequest(cid=cid, type=kind, source=source, muted=muted)


def publish(connection: Line, *, muted: bool = False, cid: str = "voice") -> models.TrackInfo:
    """The track as the engine has it then."""
    connection.say(rtc.SignalRequest(add_track=asks(muted=muted, cid=cid)))
    return connection.hear("track_published").track_published.track


def unmute(connection: Line, sid: str) -> rtc.RequestResponse:
    """What the client is told."""
    connection.say(rtc.SignalRequest(mute=rtc.MuteTrackRequest(sid=sid)))
    return connection.hear("request_response").request_response


def is_opened(connection: Line, sid: str) -> bool:
    answer = unmute(connection, sid)
    assert answer.mute.sid == sid
    assert answer.reason in {Reason.OK, Reason.LIMIT_EXCEEDED}
    return answer.reason == Reason.OK


@pytest.mark.guards(PLACES)
def test_a_microphone_too_many_is_published_muted_and_its_owner_told(crowd: list[Line]) -> None:
    published = [publish(connection).muted for connection in crowd]

    assert published == [False] * OPEN_MICROPHONES + [True]
    answer = next(one.request_response for one in crowd[-1].got if one.HasField("request_response"))
    assert (answer.reason, answer.add_track.cid) == (Reason.LIMIT_EXCEEDED, "voice")


@pytest.mark.guards(PLACES)
def test_an_unmute_too_many_is_not_passed_on(crowd: list[Line]) -> None:
    sids = [publish(connection, muted=True).sid for connection in crowd]

    opened = [is_opened(connection, sid) for connection, sid in zip(crowd, sids, strict=True)]

    assert opened == [True] * OPEN_MICROPHONES + [False]
    assert [one.mute.muted for one in crowd[-1].got if one.HasField("mute")] == [True]
    # Of what it changes the engine tells its owner.
    assert crowd[-1].silent_about("update", for_seconds=1)


@pytest.mark.guards(PLACES)
def test_of_two_who_want_the_last_place_exactly_one_has_it(crowd: list[Line]) -> None:
    sids = [publish(connection, muted=True).sid for connection in crowd]
    assert all(is_opened(crowd[at], sids[at]) for at in range(OPEN_MICROPHONES - 1))
    last = list(zip(crowd, sids, strict=True))[OPEN_MICROPHONES - 1 :]

    for connection, sid in last:
        connection.say(rtc.SignalRequest(mute=rtc.MuteTrackRequest(sid=sid)))
    answers = [one.hear("request_response").request_response.reason for one, _ in last]

    assert sorted(answers) == [Reason.OK, Reason.LIMIT_EXCEEDED]


@pytest.mark.guards(PLACES)
def test_nobody_takes_all_places_by_himself(crowd: list[Line]) -> None:
    greedy = [publish(crowd[0], cid=f"voice-{number}").muted for number in range(6)]

    assert greedy.count(False) == OPEN_MICROPHONES


@pytest.mark.guards("openrooms.media.livekit.query:hushed")
def test_a_microphone_too_many_in_the_first_request_is_published_muted(
    guests: Guests, attendee: Intruder, crowd: list[Line]
) -> None:
    hidden = join_request(rtc.JoinRequest(add_track_requests=[asks()]))
    assert not publish(crowd[0]).muted
    newcomers = [guests.join(str(ATTENDEE.value), attendee.room) for _ in range(OPEN_MICROPHONES)]

    with ExitStack() as lines:
        entered = [lines.enter_context(guests.line(who, join_request=hidden)) for who in newcomers]
        published = [one.hear("track_published").track_published.track for one in entered]

    assert [track.muted for track in published] == [False] * (OPEN_MICROPHONES - 1) + [True]


def test_who_was_refused_gets_in_when_a_place_is_free(crowd: list[Line], doctor: Intruder) -> None:
    """By a mute, by leaving, and by a Presenter who puts somebody out."""
    first, second, third = crowd
    sids = [publish(connection, muted=True).sid for connection in crowd]
    assert [is_opened(one, sid) for one, sid in zip(crowd, sids, strict=True)] == [
        True,
        True,
        False,
    ]

    first.say(rtc.SignalRequest(mute=rtc.MuteTrackRequest(sid=sids[0], muted=True)))
    wait_for("the place to be free", lambda: is_opened(third, sids[2]), within=2)
    assert not is_opened(first, sids[0])
    second.say(rtc.SignalRequest(leave=rtc.LeaveRequest()))

    wait_for("his place to be free", lambda: is_opened(first, sids[0]), within=2)


def test_who_loses_the_connection_finds_his_place_kept(
    guests: Guests, attendee: Intruder, crowd: list[Line]
) -> None:
    first, second, third = crowd
    assert [publish(connection).muted for connection in (first, second)] == [False, False]
    sid = publish(third, muted=True).sid

    first.vanish()
    assert not is_opened(third, sid)
    with guests.line(attendee) as again:
        assert not is_opened(third, sid)
        assert not publish(again).muted
        assert not is_opened(third, sid)


def test_who_is_put_out_of_the_room_leaves_his_place(
    guests: Guests, attendee: Intruder, crowd: list[Line], doctor: Intruder
) -> None:
    first, second, third = crowd
    assert [publish(connection).muted for connection in (first, second)] == [False, False]
    sid = publish(third, muted=True).sid

    doctor.agent.ask("remove", callId=doctor.leg.call_id, rawId=attendee.user.raw_id)

    wait_for("his place to be free", lambda: is_opened(third, sid), within=FREED_WITHIN)
