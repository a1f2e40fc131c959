"""What clients are told that they may do is what the server does for them, whoever they are."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from uuid import uuid4

import pytest

from openrooms.calling.errors import NotPermitted
from openrooms.calling.joining import Agent
from openrooms.calling.model import MediaAccess
from openrooms.calling.moderation import Moderation
from openrooms.rooms.model import Role

from .meeting import Meeting
from .world import World, open_world

pytestmark = pytest.mark.anyio

MUTE, HIDE = MediaAccess(audio=False), MediaAccess(video=False)

Deed = Callable[[Moderation, Agent, str, str], Awaitable[object]]
DEEDS: Mapping[str, tuple[str, Deed]] = {
    "raiseHand": ("raiseHand", lambda ops, me, call, _: ops.raise_hand(me, call)),
    "lowerHands": ("muteOthers", lambda ops, me, call, you: ops.lower_hands(me, call, [you])),
    "spotlight": (
        "spotlightParticipant",
        lambda ops, me, call, you: ops.spotlight(me, call, [you]),
    ),
    "endSpotlight": (
        "removeParticipantsSpotlight",
        lambda ops, me, call, you: ops.end_spotlights(me, call, [you]),
    ),
    "muteAudio": (
        "forbidOthersAudio",
        lambda ops, me, call, you: ops.media_access(me, call, [you], access=MUTE),
    ),
    "hideVideo": (
        "forbidOthersVideo",
        lambda ops, me, call, you: ops.media_access(me, call, [you], access=HIDE),
    ),
    "mute": ("muteOthers", lambda ops, me, call, you: ops.muted_by(me, call, [you])),
    "react": ("useReactions", lambda ops, me, call, _: ops.reacting(me, call)),
}


async def disagreements(world: World, me: Agent, call_id: str, *, you: str) -> list[str]:
    """The deeds of which the user is told one thing, and the server does another."""
    legs = await world.calls.live_legs(call_id)
    told = next(leg for leg in legs if leg.raw_id == me.raw_id).capabilities
    differ: list[str] = []
    for name, (capability, deed) in DEEDS.items():
        try:
            await deed(world.services.moderation, me, call_id, you)
            done = True
        except NotPermitted:
            done = False
        if done != told.has(capability):
            differ.append(name)
    return differ


PERMISSIONS = sorted({capability for capability, _ in DEEDS.values()})


@pytest.mark.parametrize("presenters_manage", [True, False])
@pytest.mark.parametrize("role", Role)
async def test_in_rooms_what_is_told_is_what_is_done(
    tmp_path: Path, database_url: str | None, *, presenters_manage: bool, role: Role
) -> None:
    async with open_world(tmp_path, database_url, presenters_manage=presenters_manage) as world:
        meeting = Meeting(world, await world.room())
        you = (await meeting.enter()).raw_id
        me = await meeting.enter(role)
        assert await disagreements(world, me, meeting.call_id, you=you) == []

        for value in (True, False):
            for name in PERMISSIONS:
                await world.set(meeting.room, permissions={me.raw_id: {name: value}})
                assert await disagreements(world, me, meeting.call_id, you=you) == []
                await world.set(meeting.room, permissions={me.raw_id: None})


@pytest.mark.parametrize("called", [1, 2])
async def test_in_direct_calls_what_is_told_is_what_is_done(world: World, called: int) -> None:
    me = await world.agent(await world.person())
    others = [await world.agent(await world.person()) for _ in range(called)]
    world.services.rings.look_for_agents(lambda _: [str(uuid4())])
    started = await world.services.rings.start(
        me, [one.raw_id for one in others], join_id=str(uuid4())
    )
    for one in others:
        for ringing in await world.services.answers.answerable(one):
            await world.services.answers.accept(one, ringing.leg.id, join_id=str(uuid4()))

    differ = await disagreements(world, me, started.call.id, you=others[0].raw_id)

    assert differ == []


async def test_in_groups_what_is_told_is_what_is_done(world: World) -> None:
    group, me, you = str(uuid4()), *[await world.agent(await world.person()) for _ in range(2)]
    await world.calls.join_group(you, group, join_id=str(uuid4()))
    came = await world.calls.join_group(me, group, join_id=str(uuid4()))

    assert await disagreements(world, me, came.call.id, you=you.raw_id) == []
