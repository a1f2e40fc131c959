"""Media that opens while it is forbidden: whichever is first, the engine ends with what is allowed.

Real sockets, gate and database; the engine is the one in memory.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import pytest
from livekit.protocol import models, rtc
from tests.fakes import FakeEngine
from websockets.exceptions import ConnectionClosed, InvalidStatus

from openrooms.kernel.identifiers import CommunicationUser
from openrooms.media.engine import Grants, Presence, Source
from openrooms.media.errors import EngineAway
from openrooms.rooms.model import Role, Room

from .house import TALK, House, MediaClient, invited, open_fake_house, soon, there

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


class ClosingEngine(FakeEngine):
    """As the real one while it closes a room: it knows nothing of who is in there."""

    async def remove(self, room: str, identity: str) -> bool:
        raise EngineAway(f"no response about {identity} in {room}")


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> FakeEngine:
    """One that does all it is asked, unless a test names another kind."""
    made: FakeEngine = getattr(request, "param", FakeEngine)()
    return made


@pytest.fixture
async def house(
    tmp_path: Path, database_url: str | None, engine: FakeEngine
) -> AsyncIterator[House]:
    async with open_fake_house(tmp_path, database_url, engine) as opened:
        yield opened


async def open_media(house: House, stack: AsyncExitStack, ticket: str) -> bool:
    """Whether the gate has let the client in, and the engine's first message came."""
    try:
        media = await stack.enter_async_context(house.media(ticket))
        await media.hear("join")
    except (InvalidStatus, ConnectionClosed):
        return False
    return True


async def test_a_removal_and_a_connect_leave_nobody_at_the_engine(
    house: House, race_rounds: int
) -> None:
    for _ in range(race_rounds):
        user, room = await invited(house)
        async with house.agent(user) as client, AsyncExitStack() as stack:
            joined = await client.join(room.id)
            call, ticket = joined["call"]["callId"], joined["media"]["ticket"]

            await asyncio.gather(
                open_media(house, stack, ticket), house.world.invite(room, {user.raw_id: None})
            )

            assert await soon(partial(nobody, house, call))
            assert not await open_media(house, stack, ticket)


async def nobody(house: House, call: str) -> bool:
    # Nothing here waits: without this, those who work on it would never have their turn.
    await asyncio.sleep(0)
    live = [leg for leg in await house.world.calls.all_live_legs() if leg.call_id == call]
    return not live and not await house.engine.presences(call)


async def revoke(house: House, user: CommunicationUser, _: Room) -> None:
    await house.world.identities.revoke(house.world.resource_id, user.raw_id)


async def take_out(house: House, user: CommunicationUser, room: Room) -> None:
    await house.world.invite(room, {user.raw_id: None})


Forbids = Callable[[House, CommunicationUser, Room], Awaitable[None]]


@pytest.mark.parametrize("forbid", [revoke, take_out])
async def test_a_connect_again_and_a_removal_leave_nobody_at_the_engine(
    house: House, race_rounds: int, forbid: Forbids
) -> None:
    for _ in range(race_rounds):
        user, room = await invited(house)
        async with house.agent(user) as client, AsyncExitStack() as stack:
            joined = await client.join(room.id)
            call, ticket = joined["call"]["callId"], joined["media"]["ticket"]
            assert await open_media(house, stack, ticket)

            await asyncio.gather(forbid(house, user, room), open_media(house, stack, ticket))

            assert await soon(partial(nobody, house, call))
            assert not await open_media(house, stack, ticket)


async def test_a_lower_role_and_a_connect_leave_no_track_that_is_not_granted(
    house: House, engine: FakeEngine, race_rounds: int
) -> None:
    for _ in range(race_rounds):
        user, room = await invited(house)
        async with house.agent(user) as client, AsyncExitStack() as stack:
            joined = await client.join(room.id)
            call, ticket = joined["call"]["callId"], joined["media"]["ticket"]
            seat = f"{user.raw_id}~{joined['leg']['participantId']}"

            opened, _ = await asyncio.gather(
                open_media(house, stack, ticket),
                house.world.invite(room, {user.raw_id: Role.CONSUMER}),
            )

            assert await soon(partial(is_quiet, house, call))
            assert opened
            assert not engine.publish(call, seat, Source.CAMERA)
            assert len(await there(house, call, user)) == 1


@pytest.mark.parametrize("is_first", [True, False], ids=["track", "role"])
async def test_a_lower_role_and_a_track_leave_no_track_that_is_not_granted(
    house: House, race_rounds: int, *, is_first: bool
) -> None:
    for _ in range(race_rounds):
        user, room = await invited(house)
        async with house.agent(user) as client:
            joined = await client.join(room.id)
            call = joined["call"]["callId"]
            async with house.media(joined["media"]["ticket"]) as media:
                await media.hear("join")
                lowering = house.world.invite(room, {user.raw_id: Role.CONSUMER})
                both = [publish(media, models.TrackSource.CAMERA), lowering]

                await asyncio.gather(*(both if is_first else reversed(both)))

                assert await soon(partial(is_quiet, house, call))
                await publish(media, models.TrackSource.CAMERA)
                assert await is_quiet(house, call)
                assert len(await there(house, call, user)) == 1


async def test_a_higher_role_and_a_track_leave_what_was_granted_all_the_time(
    house: House, engine: FakeEngine, race_rounds: int
) -> None:
    for _ in range(race_rounds):
        user, room = await invited(house)
        async with house.agent(user) as client:
            joined = await client.join(room.id)
            call = joined["call"]["callId"]
            seat = f"{user.raw_id}~{joined['leg']['participantId']}"
            async with house.media(joined["media"]["ticket"]) as media:
                await media.hear("join")
                raising = house.world.invite(room, {user.raw_id: Role.PRESENTER})

                await asyncio.gather(publish(media, models.TrackSource.CAMERA), raising)

                assert await soon(partial(may_do_more, engine, call, seat))
                await publish(media, models.TrackSource.SCREEN_SHARE)
                [found] = await there(house, call, user)
                sources = [track.source for track in found.tracks]
                assert sources == [Source.CAMERA, Source.SCREEN_SHARE]


async def may_do_more(engine: FakeEngine, call: str, seat: str) -> bool:
    await asyncio.sleep(0)
    seen = engine.seen(call, seat)
    return seen is not None and seen.grants.sources > TALK.sources


async def publish(media: MediaClient, source: models.TrackSource) -> None:
    """The client asks to send a source, and hears something that it asked for later."""
    track = rtc.AddTrackRequest(cid=f"{source}", type=models.TrackType.VIDEO, source=source)
    await media.say(rtc.SignalRequest(add_track=track))
    await media.say(rtc.SignalRequest(ping_req=rtc.Ping()))
    await media.hear("pong_resp")


async def is_quiet(house: House, call: str) -> bool:
    """Whether who is there may send nothing, and sends nothing."""
    await asyncio.sleep(0)
    found: list[Presence] = await house.engine.presences(call)
    return all(one.grants == Grants(frozenset()) and not one.tracks for one in found)


@pytest.mark.parametrize("engine", [ClosingEngine], indirect=True)
async def test_who_is_removed_while_the_engine_lets_him_in_is_refused_with_the_reason(
    house: House, engine: FakeEngine
) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client, asyncio.TaskGroup() as tasks:
        ticket = (await client.join(room.id))["media"]["ticket"]
        engine.letting_in.clear()
        entering = tasks.create_task(refusal(house, ticket))

        async def is_at_the_door() -> bool:
            await asyncio.sleep(0)
            return engine.waiting == 1

        await soon(is_at_the_door)
        await house.world.invite(room, {user.raw_id: None})
        engine.letting_in.set()

    status, body = entering.result()
    assert (status, "5317" in body) == (403, True)


async def refusal(house: House, ticket: str) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as refused:
        async with house.media(ticket):
            pass
    return refused.value.response.status_code, (refused.value.response.body or b"").decode()
