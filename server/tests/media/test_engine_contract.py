"""What the call side relies on of an engine, shown on the real one and on the fake."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from tests.fakes import FakeEngine
from tests.media.signalling import query

from openrooms.kernel.clock import monotonic, system_clock
from openrooms.media.engine import Engine, Grants, Presence, Seat, Source
from openrooms.media.livekit.adapter import livekit_engine
from openrooms.media.livekit.config import EngineSettings
from openrooms.media.livekit.tokens import KeyPair
from openrooms.media.process import supervised

pytestmark = pytest.mark.anyio

TALK = Grants(frozenset({Source.CAMERA, Source.MICROPHONE}))
LISTEN = Grants(frozenset())
LOOKS = 200


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for the module, so that one engine can stand for all its tests."""
    return "asyncio"


@pytest.fixture(scope="module", params=["real", "fake"])
async def contracted(
    request: pytest.FixtureRequest, binary: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Engine]:
    if request.param == "fake":
        yield FakeEngine()
        return
    keys = KeyPair("key-of-the-engine", "a secret of more than thirty-two characters")
    # Nobody takes its reports here.
    settings = EngineSettings(keys=keys, webhook_url="http://127.0.0.1:9/", media_port=0)
    folder = tmp_path_factory.mktemp("engine")
    async with (
        supervised(settings, binary=binary, folder=folder, monotonic=monotonic) as supervisor,
        livekit_engine(supervisor, keys, system_clock) as engine,
    ):
        yield engine


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
