"""A process without calls ends tokens: whoever runs the calls knows of it, also when no hint arrives."""

import pytest

from openrooms.calling.elsewhere import REVOCATIONS, CallsElsewhere
from openrooms.storage.revisions import Revisions, find_revisions

from .world import World

pytestmark = pytest.mark.anyio


async def test_an_end_of_tokens_is_seen_at_the_next_look_without_any_hint(world: World) -> None:
    looked: list[str] = []

    async def look_again() -> None:
        looked.append("again")

    revisions = Revisions(world.database)
    revisions.watch(REVOCATIONS, look_again)
    await revisions.look()
    looked.clear()
    user = await world.person()
    world.elsewhere_identities.watch(CallsElsewhere())
    await world.elsewhere_identities.revoke(world.resource_id, user.raw_id)

    await revisions.look()
    await revisions.look()

    assert looked == ["again"]


async def test_a_change_of_a_room_raises_nothing(world: World) -> None:
    elsewhere = CallsElsewhere()

    await world.database.write(lambda one: elsewhere.settle_room(one, 1))
    await elsewhere.look_again()

    assert REVOCATIONS not in await world.database.read(find_revisions)
