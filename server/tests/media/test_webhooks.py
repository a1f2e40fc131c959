"""The engine's reports: taken from the engine alone, and read as events."""

import asyncio
import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit.protocol import rtc
from tests.media.listener import Listener, Request
from tests.media.signalling import line, seat

from openrooms.kernel.clock import system_clock
from openrooms.media.engine import Engine, EngineEvent, EventKind, Source
from openrooms.media.livekit.tokens import KeyPair
from openrooms.media.livekit.webhooks import LARGEST_REPORT, read_report, sign_report

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
KEYS = KeyPair("key", "a secret of more than thirty-two characters")
LEFT = json.dumps(
    {
        "event": "participant_left",
        "id": "EV_1",
        "createdAt": "1795338000",
        "room": {"name": "call-1", "sid": "RM_1"},
        "participant": {
            "identity": "8:acs:ada~leg",
            "sid": "PA_1",
            "disconnectReason": "CLIENT_INITIATED",
        },
        "somethingNew": 1,
    }
).encode()


def signed(body: bytes, keys: KeyPair = KEYS, **more: object) -> str:
    """A report's authorization, as the engine makes it."""
    at = int(NOW.timestamp())
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    claims = {"iss": keys.key, "nbf": at, "exp": at + 300, "sha256": digest} | more
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, keys.secret, "HS256")


def read(body: bytes, authorization: str | None = None) -> EngineEvent | None:
    given = signed(body) if authorization is None else authorization
    return read_report(body, given, KEYS, now=NOW)


def report(event: str, **participant: str) -> bytes:
    return json.dumps({"event": event, "id": "EV_2", "participant": participant}).encode()


@pytest.mark.parametrize(
    ("event", "reason", "silent_for"),
    [
        ("participant_left", "CONNECTION_TIMEOUT", 20.0),
        ("participant_left", "CLIENT_INITIATED", 0.0),
        ("participant_joined", "CONNECTION_TIMEOUT", 0.0),
    ],
)
def test_who_was_given_up_had_been_silent(event: str, reason: str, silent_for: float) -> None:
    told = read(report(event, disconnectReason=reason))

    assert told is not None
    assert told.silent_for == silent_for


def test_what_keeps_the_engine_signs_as_the_engine_does() -> None:
    body, headers = sign_report(EventKind.LEAVING, KEYS, report_id="EV_3", now=NOW)

    event = read(body, headers["Authorization"])

    assert event is not None
    assert (event.kind, event.id) == (EventKind.LEAVING, "EV_3")
    assert read(body + b" ", headers["Authorization"]) is None


def test_a_report_is_read() -> None:
    assert read(LEFT) == EngineEvent(
        id="EV_1",
        kind=EventKind.LEFT,
        room="call-1",
        identity="8:acs:ada~leg",
        connection="PA_1",
        hung_up=True,
    )


def test_a_report_of_a_track_says_which_and_of_what() -> None:
    track = {"sid": "TR_1", "type": "VIDEO", "source": "CAMERA"}
    told = {"event": "track_published", "id": "EV_4", "participant": {"sid": "PA_1"}}

    event = read(json.dumps({**told, "track": track}).encode())

    assert event is not None
    assert (event.connection, event.track, event.source) == ("PA_1", "TR_1", Source.CAMERA)


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_is_known(kind: EventKind) -> None:
    event = read(report(kind.value))

    assert event is not None
    assert event.kind is kind


def test_who_was_put_out_did_not_hang_up() -> None:
    event = read(report("participant_left", disconnectReason="PARTICIPANT_REMOVED"))

    assert event is not None
    assert not event.hung_up


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"no json", b"\xff\xfe", b'{"event": 7}', report("egress_started")]
)
def test_what_is_no_report_we_know_is_none(body: bytes) -> None:
    assert read(body) is None


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer " + signed(LEFT),
        signed(LEFT)[:-2],
        signed(LEFT, KeyPair("key", KEYS.secret[::-1])),
        signed(LEFT, replace(KEYS, key="other")),
        signed(b"another body"),
        signed(LEFT, sha256=None),
        signed(LEFT, sha256=7),
        signed(LEFT, exp=None),
        signed(LEFT, nbf="soon"),
        jwt.encode({"iss": "key", "exp": 9e9, "sha256": "x"}, "", algorithm="none"),
        "a.b.c",
        "ä",
    ],
)
def test_what_the_engine_did_not_sign_is_none(authorization: str) -> None:
    assert read(LEFT, authorization) is None


def test_a_changed_body_is_none() -> None:
    assert read(LEFT.replace(b"PA_1", b"PA_2"), signed(LEFT)) is None


@pytest.mark.parametrize(
    ("late", "taken"),
    [
        (timedelta(0), True),
        (timedelta(minutes=9, seconds=59), True),
        (timedelta(minutes=10), False),
        (timedelta(days=1), False),
        (-timedelta(minutes=5), True),
        (-timedelta(minutes=5, seconds=1), False),
    ],
)
def test_a_report_is_taken_within_its_five_minutes_and_five_of_leeway(
    late: timedelta,
    taken: bool,
) -> None:
    event = read_report(LEFT, signed(LEFT), KEYS, now=NOW + late)

    assert (event is not None) == taken


def test_a_huge_report_is_none() -> None:
    assert read(b" " * LARGEST_REPORT + LEFT) is None


@given(st.binary(max_size=200), st.text(max_size=80))
def test_random_bytes_are_none(body: bytes, authorization: str) -> None:
    assert read(body, authorization) is None
    assert read(body) is None


def event_of(request: Request, keys: KeyPair) -> EngineEvent:
    event = read_report(request.body, request.authorization, keys, now=system_clock())
    assert event is not None
    return event


@pytest.mark.anyio
async def test_a_real_engine_reports_its_rooms(
    engine: Engine, listener: Listener, keys: KeyPair
) -> None:
    await engine.open_room("call-1")
    started = await listener.next()
    await engine.close_room("call-1")
    finished = await listener.next()

    events = [event_of(started, keys), event_of(finished, keys)]
    assert [event.kind for event in events] == [EventKind.ROOM_STARTED, EventKind.ROOM_FINISHED]
    assert {event.room for event in events} == {"call-1"}
    assert events[0].id != events[1].id
    forged = replace(keys, secret=keys.secret[::-1])
    assert read_report(started.body, started.authorization, forged, now=system_clock()) is None
    later = finished.authorization
    assert read_report(started.body, later, keys, now=system_clock()) is None


@pytest.mark.anyio
async def test_a_real_engine_reports_who_never_got_media(
    engine: Engine, listener: Listener, keys: KeyPair
) -> None:
    async with line(engine, seat()) as ada:
        sid = (await ada.hear("join")).join.participant.sid
        await ada.say(rtc.SignalRequest(leave=rtc.LeaveRequest()))
        await ada.hear_all()

    async with asyncio.timeout(5):
        while (event := event_of(await listener.next(), keys)).kind is EventKind.ROOM_STARTED:
            pass
    assert event.kind is EventKind.ABORTED
    assert (event.room, event.identity, event.connection) == ("call-1", seat().identity, sid)
