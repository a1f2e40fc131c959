"""Events go after their days, but not before they were delivered or given up."""

import pytest
from support.receiver import Receiver, Reply, confirm

from openrooms.events.service import DEFAULT_KEPT

from .post import Post, came
from .test_delivery import CALLS, WHOLE_CALL, failing, make_call

pytestmark = pytest.mark.anyio


async def sweep(post: Post) -> list[str]:
    """Drop all that may go; the types of what is left."""
    events = post.archive.house.events
    while await events.sweep():
        pass
    return [one.type.rpartition(".")[2] for one in await events.latest(post.resource_id, 100)]


async def test_what_is_to_be_delivered_outlives_its_days(post: Post, receiver: Receiver) -> None:
    await make_call(post.archive)
    await post.subscribe(receiver, *CALLS)
    receiver.answer = failing(lambda _: True)
    await make_call(post.archive)
    async with post.delivering():
        await came(receiver, 1)
        await post.until(lambda left: left[0].tries == 1)
    post.archive.house.clock.advance(days=DEFAULT_KEPT.days, seconds=1)

    assert await sweep(post) == WHOLE_CALL[::-1]

    receiver.answer = confirm
    async with post.delivering():
        await post.until(lambda left: not left)
    assert receiver.kinds[-4:] == WHOLE_CALL
    assert await sweep(post) == []


async def test_what_a_removed_webhook_had_yet_to_hear_goes_with_its_event(
    post: Post, receiver: Receiver
) -> None:
    webhook = await post.subscribe(receiver)
    receiver.answer = lambda _: Reply(500)
    await make_call(post.archive)
    assert await post.left()
    await post.webhooks.remove(post.resource_id, webhook.id)
    post.archive.house.clock.advance(days=DEFAULT_KEPT.days, seconds=1)

    assert await sweep(post) == []
