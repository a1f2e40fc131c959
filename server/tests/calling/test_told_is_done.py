"""What clients are told that they may do is what the server does for them, whoever they are."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from uuid import uuid4

import pytest

from openrooms.calling.capabilities import REAL_TIME_TEXT
from openrooms.calling.errors import NobodyThere, NotPermitted, TryAgain
from openrooms.calling.joining import Agent
from openrooms.calling.model import MediaAccess
from openrooms.calling.moderation import Moderation
from openrooms.rooms.model import Role
from openrooms.rooms.settings.model import Overridable

from .meeting import Meeting
from .world import World, open_world

pytestmark = pytest.mark.anyio

MUTE, HIDE = MediaAccess(audio=False), MediaAccess(video=False)

NOBODY = "8:acs:nobody"
Deed = Callable[[World, Agent, str, str], Awaitable[object]]


def moderating(deed: Callable[[Moderation, Agent, str, str], Awaitable[object]]) -> Deed:
    return lambda world, me, call, you: deed(world.services.moderation, me, call, you)


# The capability that each deed needs. Who may remove others may remove nobody: that comes to nothing.
DEEDS: Mapping[str, tuple[str, Deed]] = {
    "raiseHand": ("raiseHand", moderating(lambda ops, me, call, _: ops.raise_hand(me, call))),
    "lowerHands": (
        "muteOthers",
        moderating(lambda ops, me, call, you: ops.lower_hands(me, call, [you])),
    ),
    "spotlight": (
        "spotlightParticipant",
        moderating(lambda ops, me, call, you: ops.spotlight(me, call, [you])),
    ),
    "endSpotlight": (
        "removeParticipantsSpotlight",
        moderating(lambda ops, me, call, you: ops.end_spotlights(me, call, [you])),
    ),
    "muteAudio": (
        "forbidOthersAudio",
        moderating(lambda ops, me, call, you: ops.media_access(me, call, [you], access=MUTE)),
    ),
    "hideVideo": (
        "forbidOthersVideo",
        moderating(lambda ops, me, call, you: ops.media_access(me, call, [you], access=HIDE)),
    ),
    "mute": ("muteOthers", moderating(lambda ops, me, call, you: ops.muted_by(me, call, [you]))),
    "react": ("useReactions", moderating(lambda ops, me, call, _: ops.reacting(me, call))),
    "sendText": (
        "realTimeText",
        moderating(lambda ops, me, call, _: ops.addressed(me, call, needs=REAL_TIME_TEXT)),
    ),
    "add": (
        "addCommunicationUser",
        lambda world, me, call, you: world.services.rings.add(me, call, [you]),
    ),
    "remove": (
        "removeParticipant",
        lambda world, me, call, _: world.services.rings.remove(me, call, NOBODY),
    ),
}
END: tuple[str, Deed] = (
    "hangUpForEveryOne",
    lambda world, me, call, _: world.services.rings.end(me, call),
)


async def is_done(world: World, me: Agent, call_id: str, *, you: str, deed: Deed) -> bool:
    try:
        await deed(world, me, call_id, you)
    except NotPermitted:
        return False
    except (NobodyThere, TryAgain):
        return True
    return True


async def disagreements(
    world: World, me: Agent, call_id: str, *, you: str, last: bool = False
) -> list[str]:
    """The deeds of which the user is told one thing, and the server does another.

    `last`: at the end, the one that ends the call, too.
    """
    legs = await world.calls.live_legs(call_id)
    told = next(leg for leg in legs if leg.raw_id == me.raw_id).capabilities
    deeds = {**DEEDS, **({"end": END} if last else {})}
    return [
        name
        for name, (capability, deed) in deeds.items()
        if await is_done(world, me, call_id, you=you, deed=deed) != told.has(capability)
    ]


PERMISSIONS = sorted({capability for capability, _ in DEEDS.values()} & {*Overridable})


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
            every = dict.fromkeys(PERMISSIONS, value)
            await world.set(meeting.room, permissions={me.raw_id: every})
            assert await disagreements(world, me, meeting.call_id, you=you) == []
        await world.set(meeting.room, permissions={me.raw_id: None})
        assert await disagreements(world, me, meeting.call_id, you=you, last=True) == []


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

    differ = await disagreements(world, me, started.call.id, you=others[0].raw_id, last=True)

    assert differ == []


async def test_in_groups_what_is_told_is_what_is_done(world: World) -> None:
    group, me, you = str(uuid4()), *[await world.agent(await world.person()) for _ in range(2)]
    await world.calls.join_group(you, group, join_id=str(uuid4()))
    came = await world.calls.join_group(me, group, join_id=str(uuid4()))

    assert await disagreements(world, me, came.call.id, you=you.raw_id, last=True) == []
