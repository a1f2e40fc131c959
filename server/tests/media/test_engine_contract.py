"""What the call side relies on of an engine, shown on the real one and on the fake."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from livekit.protocol import models, rtc
from tests.fakes import FakeEngine
from tests.media.listener import Listener, listening
from tests.media.signalling import query
from tests.media.speaker import speaker

from openrooms.kernel.clock import monotonic, system_clock
from openrooms.media.engine import (
    Engine,
    EngineEvent,
    EventKind,
    Grants,
    Presence,
    Seat,
    Source,
    Upstream,
)
from openrooms.media.livekit.adapter import livekit_engine
from openrooms.media.livekit.config import EngineSettings
from openrooms.media.livekit.tokens import KeyPair
from openrooms.media.livekit.webhooks import read_report
from openrooms.media.process import supervised

pytestmark = pytest.mark.anyio

TALK = Grants(frozenset({Source.CAMERA, Source.MICROPHONE}))
LISTEN = Grants(frozenset())
LOOKS = 200
PATIENCE = 10.0
MICROPHONE = models.TrackSource.MICROPHONE


@dataclass(frozen=True, slots=True)
class Contracted:
    """An engine, and what a test needs to see it at work."""

    engine: Engine
    # What it has reported so far.
    reports: Callable[[], list[EngineEvent]]
    # Somebody who speaks in a seat for as long as the context is open.
    speaking: Callable[[Seat], AbstractAsyncContextManager[Upstream]]

    async def report(self, kind: EventKind, wanted: Seat) -> EngineEvent:
        """The one report of that kind about a seat; the real engine makes it a moment later."""
        async with asyncio.timeout(PATIENCE):
            while not (found := self._reported(kind, wanted)):
                # Looked at again once the engine has answered something.
                await self.engine.rooms()
                await asyncio.sleep(0)
        [event] = found
        return event

    def _reported(self, kind: EventKind, wanted: Seat) -> list[EngineEvent]:
        about = (kind, wanted.room, wanted.identity)
        return [one for one in self.reports() if (one.kind, one.room, one.identity) == about]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for the module, so that one engine can stand for all its tests."""
    return "asyncio"


@pytest.fixture(scope="module", params=["real", "fake"])
async def bench(
    request: pytest.FixtureRequest, binary: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Contracted]:
    if request.param == "fake":
        fake = FakeEngine()
        yield Contracted(fake, lambda: fake.reports, lambda wanted: speaking(fake, wanted))
        return
    keys = KeyPair("key-of-the-engine", "a secret of more than thirty-two characters")
    folder = tmp_path_factory.mktemp("engine")
    async with listening() as listener:
        settings = EngineSettings(keys=keys, webhook_url=listener.url, media_port=0)
        async with (
            supervised(settings, binary=binary, folder=folder, monotonic=monotonic) as supervisor,
            livekit_engine(supervisor, keys, system_clock) as real,
        ):
            yield Contracted(
                real, lambda: reported(listener, keys), lambda wanted: speaker(real, wanted)
            )


def reported(listener: Listener, keys: KeyPair) -> list[EngineEvent]:
    read = (
        read_report(one.body, one.authorization, keys, now=system_clock()) for one in listener.taken
    )
    return [event for event in read if event is not None]


@asynccontextmanager
async def speaking(engine: Engine, wanted: Seat) -> AsyncIterator[Upstream]:
    """Who speaks to the fake: it needs no sound, but to be told."""
    track = rtc.AddTrackRequest(cid="c", type=models.TrackType.AUDIO, source=MICROPHONE)
    async with engine.connect(wanted, query()) as upstream:
        await upstream.send(rtc.SignalRequest(add_track=track).SerializeToString(), wanted.grants)
        yield upstream


@pytest.fixture
def contracted(bench: Contracted) -> Engine:
    return bench.engine


def seat(room: str) -> Seat:
    return Seat(room, f"8:acs:a_b~{uuid4()}", "Bo", {}, TALK)


@asynccontextmanager
async def connected(engine: Engine, wanted: Seat) -> AsyncIterator[AsyncIterator[bytes]]:
    """The seat's connection, once the engine has said something."""
    async with engine.connect(wanted, query()) as upstream:
        messages = upstream.messages()
        await anext(messages)
        yield messages


async def present(engine: Engine, wanted: Seat, *, other_than: str = "") -> Presence:
    """The seat's presence; the real engine knows of it a moment after it has let it in."""
    found: list[Presence] = []
    for _ in range(LOOKS):
        found = await engine.presences(wanted.room)
        if len(found) == 1 and found[0].connection != other_than:
            return found[0]
    raise AssertionError(found)


async def left(engine: Engine, wanted: Seat) -> bool:
    """Whether nobody is in the room soon."""
    for _ in range(LOOKS):
        if await engine.presences(wanted.room) == []:
            return True
    return False


async def test_a_room_is_opened_and_closed_as_often_as_one_likes(contracted: Engine) -> None:
    room = str(uuid4())
    await contracted.open_room(room)
    await contracted.open_room(room)
    opened = room in await contracted.rooms()
    await contracted.close_room(room)
    await contracted.close_room(room)

    assert opened
    assert room not in await contracted.rooms()


async def test_of_a_room_that_is_not_there_nothing_is_known(contracted: Engine) -> None:
    room = str(uuid4())

    assert await contracted.presences(room) == []
    assert not await contracted.permit(room, "8:acs:a_b~c", TALK)
    assert not await contracted.remove(room, "8:acs:a_b~c")


async def test_who_connects_is_there_with_the_grants_of_his_seat(contracted: Engine) -> None:
    wanted = seat(str(uuid4()))
    async with connected(contracted, wanted):
        found = await present(contracted, wanted)

    assert (found.identity, found.grants, found.tracks) == (wanted.identity, TALK, ())
    await contracted.close_room(wanted.room)


async def test_grants_are_changed_where_they_are_and_as_often_as_one_likes(
    contracted: Engine,
) -> None:
    wanted = seat(str(uuid4()))
    async with connected(contracted, wanted):
        await present(contracted, wanted)
        changed = [await contracted.permit(wanted.room, wanted.identity, LISTEN) for _ in range(2)]
        found = await present(contracted, wanted)

    assert changed == [True, True]
    assert found.grants == LISTEN
    await contracted.close_room(wanted.room)


async def test_who_is_put_out_is_gone_and_hears_no_more(contracted: Engine) -> None:
    wanted = seat(str(uuid4()))
    async with connected(contracted, wanted) as messages:
        await present(contracted, wanted)
        removed = await contracted.remove(wanted.room, wanted.identity)
        async for _ in messages:
            pass

        assert removed
        assert await left(contracted, wanted)
    await contracted.close_room(wanted.room)


async def test_a_second_connection_of_a_seat_takes_the_place_of_the_first(
    contracted: Engine,
) -> None:
    wanted = seat(str(uuid4()))
    async with connected(contracted, wanted) as first:
        before = await present(contracted, wanted)
        async with connected(contracted, wanted):
            async for _ in first:
                pass
            after = await present(contracted, wanted, other_than=before.connection)

    assert after.identity == before.identity
    assert after.connection != before.connection
    await contracted.close_room(wanted.room)


async def test_a_closed_room_puts_everyone_out(contracted: Engine) -> None:
    wanted = seat(str(uuid4()))
    async with connected(contracted, wanted) as messages:
        await contracted.close_room(wanted.room)
        async for _ in messages:
            pass

    assert wanted.room not in await contracted.rooms()


async def test_what_is_not_sent_cannot_be_muted(contracted: Engine) -> None:
    wanted = seat(str(uuid4()))
    async with connected(contracted, wanted):
        found = await present(contracted, wanted)

        assert not await contracted.mute(wanted.room, found, Source.MICROPHONE)
    await contracted.close_room(wanted.room)


async def heard(engine: Engine, wanted: Seat, *, muted: bool = False) -> Presence:
    """The seat's presence once its one microphone is heard, or muted."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = await present(engine, wanted)
            states = [(one.source, one.is_video, one.muted) for one in found.tracks]
            if states == [(Source.MICROPHONE, False, muted)]:
                return found
            await asyncio.sleep(0)


async def test_what_is_sent_is_seen(bench: Contracted) -> None:
    wanted = seat(str(uuid4()))
    async with bench.speaking(wanted):
        found = await heard(bench.engine, wanted)
        told = await bench.report(EventKind.TRACK_PUBLISHED, wanted)

    assert (found.active, found.grants) == (True, TALK)
    assert told.connection == found.connection
    assert [(told.track, told.source)] == [(one.id, one.source) for one in found.tracks]
    await bench.engine.close_room(wanted.room)


async def test_who_may_send_no_more_sends_no_more(bench: Contracted) -> None:
    wanted = seat(str(uuid4()))
    async with bench.speaking(wanted):
        before = await heard(bench.engine, wanted)
        await bench.engine.permit(wanted.room, wanted.identity, LISTEN)
        after = await present(bench.engine, wanted)
        told = await bench.report(EventKind.TRACK_UNPUBLISHED, wanted)

    assert (after.grants, after.tracks) == (LISTEN, ())
    assert told.connection == after.connection == before.connection
    assert [(told.track, told.source)] == [(one.id, one.source) for one in before.tracks]
    await bench.engine.close_room(wanted.room)


async def test_who_may_still_send_it_goes_on(bench: Contracted) -> None:
    wanted = seat(str(uuid4()))
    speak = Grants(frozenset({Source.MICROPHONE}))
    async with bench.speaking(wanted):
        before = await heard(bench.engine, wanted)
        await bench.engine.permit(wanted.room, wanted.identity, speak)
        after = await present(bench.engine, wanted)

    assert (after.grants, after.tracks) == (speak, before.tracks)
    await bench.engine.close_room(wanted.room)


async def test_what_is_sent_is_muted_once(bench: Contracted) -> None:
    wanted = seat(str(uuid4()))
    async with bench.speaking(wanted):
        found = await heard(bench.engine, wanted)
        nothing = await bench.engine.mute(wanted.room, found, Source.CAMERA)
        muted = await bench.engine.mute(wanted.room, found, Source.MICROPHONE)
        after = await heard(bench.engine, wanted, muted=True)
        again = await bench.engine.mute(wanted.room, after, Source.MICROPHONE)

    assert (nothing, muted, again) == (False, True, False)
    assert after.grants == TALK
    await bench.engine.close_room(wanted.room)


async def test_who_comes_and_is_put_out_is_reported_with_his_stay(bench: Contracted) -> None:
    wanted = seat(str(uuid4()))
    async with bench.speaking(wanted):
        found = await heard(bench.engine, wanted)
        came = await bench.report(EventKind.JOINED, wanted)
        await bench.engine.remove(wanted.room, wanted.identity)
        went = await bench.report(EventKind.LEFT, wanted)

    assert came.connection == went.connection == found.connection
    assert not went.hung_up
    assert came.id != went.id
    await bench.engine.close_room(wanted.room)


async def test_who_says_that_he_leaves_is_reported_to_have_hung_up(bench: Contracted) -> None:
    wanted = seat(str(uuid4()))
    leave = rtc.SignalRequest(leave=rtc.LeaveRequest())
    async with bench.speaking(wanted) as upstream:
        found = await heard(bench.engine, wanted)
        await upstream.send(leave.SerializeToString(), wanted.grants)
        went = await bench.report(EventKind.LEFT, wanted)

    assert (went.connection, went.hung_up) == (found.connection, True)
    await bench.engine.close_room(wanted.room)
