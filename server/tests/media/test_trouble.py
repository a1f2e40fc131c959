"""An engine that answers wrongly, late, or not at all: the caller is told that it is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from google.protobuf.message import Message
from livekit.protocol import models, room, rtc
from tests.media.listener import Listener, listening
from tests.media.signalling import ALL, query, seat
from websockets.asyncio.server import ServerConnection, serve

from openrooms.kernel.clock import system_clock
from openrooms.media.errors import EngineAway
from openrooms.media.livekit.adapter import LiveKitEngine, livekit_engine
from openrooms.media.livekit.dialing import MOST_OPENING
from openrooms.media.livekit.tokens import KeyPair

pytestmark = pytest.mark.anyio
NOT_FOUND = b'{"code":"not_found","msg":"participant does not exist"}'


@dataclass(frozen=True, slots=True)
class At:
    """Whereabouts of something that answers in the engine's place."""

    url: str

    async def ready(self, *, within: float) -> str:
        return self.url


def http(status: int, body: bytes = b"") -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


def ok(message: Message) -> bytes:
    return http(200, message.SerializeToString())


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[tuple[LiveKitEngine, Listener]]:
    """The adapter on something that gives these answers, one after the other."""
    keys = KeyPair("key", "s" * 40)
    async with listening(*answers) as listener:
        where = At(listener.url.rsplit("/", 3)[0])
        async with livekit_engine(where, keys, system_clock) as engine:
            yield engine, listener


@pytest.mark.parametrize(
    "answer",
    [
        http(503, b'{"code":"unavailable","msg":"no response from servers"}'),
        http(500),
        http(401, b"invalid token: eyJhbGciOi"),
        http(404, b'{"code":"bad_route"}'),
        http(404, b"[]"),
        http(418, b'{"code":"a code with spaces"}'),
        http(200, b"\xff\xff"),
        b"no http at all\r\n\r\n",
    ],
)
async def test_an_answer_that_is_none_means_away(answer: bytes) -> None:
    async with answering(answer) as (engine, _):
        with pytest.raises(EngineAway) as away:
            await engine.rooms()

    assert "eyJ" not in str(away.value)


async def test_a_call_that_broke_off_is_made_once_more() -> None:
    listed = room.ListRoomsResponse(rooms=[models.Room(name="call-1")])
    async with answering(b"broken\r\n\r\n", ok(listed)) as (engine, listener):
        assert await engine.rooms() == ["call-1"]

    assert len(listener.taken) == 2


async def test_a_call_that_breaks_off_twice_means_away() -> None:
    async with answering(b"broken\r\n\r\n") as (engine, listener):
        with pytest.raises(EngineAway, match="broke off"):
            await engine.rooms()

    assert len(listener.taken) == 2


async def test_a_call_that_takes_too_long_means_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openrooms.media.livekit.twirp.DEADLINE", 0.05)
    async with answering(b"") as (engine, listener):
        with pytest.raises(EngineAway, match="in time"):
            await engine.rooms()

    assert len(listener.taken) == 1


async def test_a_participant_that_the_engine_denies_but_has_is_not_called_missing() -> None:
    known = room.ListRoomsResponse(rooms=[models.Room(name="call-1")])
    there = room.ListParticipantsResponse(participants=[models.ParticipantInfo(identity="ada")])
    async with answering(http(404, NOT_FOUND), ok(known), ok(there)) as (engine, _):
        with pytest.raises(EngineAway):
            await engine.remove("call-1", "ada")


async def test_a_room_that_vanishes_while_it_is_asked_for_is_empty() -> None:
    known = room.ListRoomsResponse(rooms=[models.Room(name="call-1")])
    async with answering(ok(known), http(404, NOT_FOUND)) as (engine, _):
        assert await engine.presences("call-1") == []


async def test_a_video_behind_an_audio_label_is_seen_as_video() -> None:
    known = room.ListRoomsResponse(rooms=[models.Room(name="call-1")])
    liar = models.TrackInfo(
        sid="TR_1",
        type=models.TrackType.AUDIO,
        source=models.TrackSource.MICROPHONE,
        mime_type="video/VP8",
    )
    gone = models.ParticipantInfo.State.DISCONNECTED
    there = room.ListParticipantsResponse(
        participants=[
            models.ParticipantInfo(identity="ada", tracks=[liar]),
            models.ParticipantInfo(identity="bo", state=gone),
        ]
    )
    async with answering(ok(known), ok(there)) as (engine, _):
        (ada,) = await engine.presences("call-1")

    assert ada.tracks[0].is_video


async def test_rights_without_a_list_of_sources_are_rights_to_all() -> None:
    known = room.ListRoomsResponse(rooms=[models.Room(name="call-1")])
    permission = models.ParticipantPermission(can_publish=True, can_subscribe=True)
    there = room.ListParticipantsResponse(
        participants=[models.ParticipantInfo(identity="ada", permission=permission)]
    )
    async with answering(ok(known), ok(there)) as (engine, _):
        (ada,) = await engine.presences("call-1")

    assert ada.grants == ALL


async def test_a_refused_connection_means_away_without_its_text() -> None:
    answers = (http(500, b"connection closed by media"),)
    async with answering(*answers) as (engine, listener):
        with pytest.raises(EngineAway, match="refused a connection with 500"):
            async with engine.connect(seat(), query()):
                pass

    [opening] = listener.taken
    assert "ticket" not in opening.path


async def test_a_room_that_is_not_there_is_opened_and_once_more_when_it_was_closed_meanwhile() -> (
    None
):
    none, made = http(404, b"requested room does not exist"), ok(models.Room())
    async with answering(none, made, none, none, made, http(500)) as (engine, listener):
        with pytest.raises(EngineAway, match="500"):
            async with engine.connect(seat(), query()):
                pass

    paths = [request.path.split("?")[0] for request in listener.taken]
    assert paths == ["/rtc/v1", "/twirp/livekit.RoomService/CreateRoom", "/rtc/v1"] * 2


async def test_a_connection_that_nobody_opens_means_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openrooms.media.livekit.dialing.DIAL_SECONDS", 0.05)
    async with answering(b"") as (engine, _):
        with pytest.raises(EngineAway, match="in time"):
            async with engine.connect(seat(), query()):
                pass


async def test_an_engine_that_stays_away_is_waited_for_and_then_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("openrooms.media.livekit.dialing.HOLD_SECONDS", 0.1)
    monkeypatch.setattr("openrooms.media.livekit.dialing.DIAL_SECONDS", 0.1)
    async with livekit_engine(
        At("http://127.0.0.1:1"), KeyPair("k", "s" * 40), system_clock
    ) as engine:
        with pytest.raises(EngineAway, match="does not take connections"):
            async with engine.connect(seat(), query()):
                pass


async def test_the_engine_opens_some_at_a_time_and_the_others_wait_their_turn() -> None:
    refused, none = asyncio.Event(), http(500)
    opening = most = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opening, most
        await reader.readuntil(b"\r\n\r\n")
        opening += 1
        most = max(most, opening)
        if opening == MOST_OPENING:
            refused.set()
        await refused.wait()
        opening -= 1
        writer.write(none)
        writer.close()

    async def connect(engine: LiveKitEngine, name: str) -> None:
        with pytest.raises(EngineAway, match="500"):
            async with engine.connect(seat(name), query()):
                pass

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    where = At(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with (
        server,
        livekit_engine(where, KeyPair("k", "s" * 40), system_clock) as engine,
        asyncio.timeout(5),
        asyncio.TaskGroup() as people,
    ):
        for at in range(3 * MOST_OPENING):
            people.create_task(connect(engine, f"person{at}"))

    assert most == MOST_OPENING


async def test_who_waits_too_long_for_his_turn_is_told_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("openrooms.media.livekit.dialing.HOLD_SECONDS", 0.05)
    monkeypatch.setattr("openrooms.media.livekit.dialing.MOST_OPENING", 0)
    async with answering(b"") as (engine, listener):
        with pytest.raises(EngineAway, match="too many connections"):
            async with engine.connect(seat(), query()):
                pass

    assert listener.taken == []


async def test_text_and_tokens_of_the_engine_do_not_pass_and_its_end_ends_the_messages(
    keys: KeyPair,
) -> None:
    token = rtc.SignalResponse(refresh_token="eyJhbGciOi").SerializeToString()
    pong = rtc.SignalResponse(pong=1).SerializeToString()

    async def speak(socket: ServerConnection) -> None:
        for message in ('{"refreshToken": "eyJhbGciOi"}', token, pong):
            await socket.send(message)
        socket.transport.abort()

    async with (
        serve(speak, "127.0.0.1", 0) as server,
        listening(ok(models.Room())) as listener,
    ):
        port = server.sockets[0].getsockname()[1]

        class Split:
            """API calls go to the listener, the connection to the speaker."""

            turn = iter([f"http://127.0.0.1:{port}", listener.url.rsplit("/", 3)[0]])

            async def ready(self, *, within: float) -> str:
                return next(self.turn)

        async with (
            livekit_engine(Split(), keys, system_clock) as engine,
            engine.connect(seat(), query()) as upstream,
            asyncio.timeout(5),
        ):
            heard = [message async for message in upstream.messages()]
            with pytest.raises(EngineAway):
                await upstream.send(rtc.SignalRequest(ping_req=rtc.Ping()).SerializeToString(), ALL)

    assert heard == [pong]
