"""Delivery: at least once, in order for each call, whatever receivers do."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from support.receiver import Got, Receiver, Reply, confirm, receiving
from tests.calling.records.archive import Archive

from openrooms.events.webhooks.courier import AT_ONCE
from openrooms.events.webhooks.model import GIVEN_UP_AFTER, PAUSES, Undelivered

from .post import Post, came

pytestmark = pytest.mark.anyio

CALLS = (
    "Microsoft.Communication.CallStarted",
    "Microsoft.Communication.CallParticipantAdded",
    "Microsoft.Communication.CallParticipantRemoved",
    "Microsoft.Communication.CallEnded",
)
WHOLE_CALL = [one.rpartition(".")[2] for one in CALLS]


async def make_call(archive: Archive) -> str:
    """A call of one who comes and goes; its id."""
    ann = await archive.agent()
    call = (await archive.join(ann, await archive.room(ann))).call
    await archive.services.calls.leave(ann)
    return call.id


def failing(fails: Callable[[Got], bool], status: int = 500) -> Callable[[Got], Reply]:
    return lambda got: Reply(status) if fails(got) else confirm(got)


def of(receiver: Receiver, call_id: str) -> list[str]:
    events = [one for one in receiver.events if one.event["data"]["correlationId"] == call_id]
    return [one.kind for one in events]


async def test_while_one_event_fails_its_call_waits_and_others_go_on(
    post: Post, receiver: Receiver
) -> None:
    await post.subscribe(receiver, *CALLS)
    bad = await make_call(post.archive)
    receiver.answer = failing(
        lambda got: got.kind == "CallParticipantAdded" and got.event["data"]["correlationId"] == bad
    )
    async with post.delivering():
        good = await make_call(post.archive)
        await came(receiver, 6)
        await post.until(lambda left: len(left) == 3 and left[0].tries == 1)
        assert of(receiver, good) == WHOLE_CALL
        assert of(receiver, bad) == WHOLE_CALL[:2]

        receiver.answer = confirm
        post.archive.house.clock.advance(seconds=PAUSES[0].seconds)
        await post.until(lambda left: not left)

    assert of(receiver, bad) == [*WHOLE_CALL[:2], *WHOLE_CALL[1:]]
    again = [one for one in receiver.events if one.headers["aeg-delivery-count"] == "1"]
    assert [one.kind for one in again] == ["CallParticipantAdded"]


def have_failed(left: list[Undelivered], *, of: list[str], times: int) -> bool:
    return [one.tries for one in left if one.due_at is not None] == [times] * len(of)


async def test_a_receiver_that_was_down_gets_all_of_it_in_order_and_at_once_when_it_is_back(
    post: Post, receiver: Receiver
) -> None:
    await post.subscribe(receiver, *CALLS)
    receiver.answer = failing(lambda _: True, 503)
    async with post.delivering():
        calls = [await make_call(post.archive) for _ in range(3)]
        for tries in range(1, 6):
            await post.until(partial(have_failed, of=calls, times=tries))
            if tries < 5:
                post.archive.house.clock.advance(minutes=15)
        receiver.answer = confirm
        before = len(receiver.events)
        # The clock stands still: what waits has its moment later, unless something is taken.
        await make_call(post.archive)
        await post.until(lambda left: not left)

    for call_id in calls:
        back = [
            one for one in receiver.events[before:] if one.event["data"]["correlationId"] == call_id
        ]
        assert [one.kind for one in back] == WHOLE_CALL


async def test_what_nobody_takes_is_given_up_after_a_day_and_sent_again_when_asked_for(
    post: Post, receiver: Receiver
) -> None:
    await post.subscribe(receiver, *CALLS[:2])
    receiver.answer = failing(lambda _: True)
    async with post.delivering():
        await make_call(post.archive)
        await post.until(lambda left: left[0].tries == 1)
        post.archive.house.clock.advance(seconds=GIVEN_UP_AFTER.total_seconds())
        # Each has had its try, the second only now.
        await post.until(lambda left: not left)
        dead = await post.left(dead=True)
        assert [one.event.type for one in dead] == [*CALLS[:2]]
        assert {one.failure for one in dead} == {"answered 500"}
        assert receiver.kinds == [WHOLE_CALL[0], WHOLE_CALL[0], WHOLE_CALL[1]]

        receiver.answer = confirm
        ids = [one.id for one in post.webhooks.all]
        assert await post.deliveries.resend_dead(post.resource_id, ids) == 2
        assert await came(receiver, 5)
        await post.until(lambda left: not left)

    assert receiver.kinds[3:] == WHOLE_CALL[:2]
    assert await post.left(dead=True) == []


@pytest.mark.parametrize("status", [400, 413])
async def test_what_the_receiver_refuses_for_good_is_given_up_at_once(
    post: Post, receiver: Receiver, status: int
) -> None:
    await post.subscribe(receiver, *CALLS)
    receiver.answer = failing(lambda got: got.kind == "CallParticipantAdded", status)
    async with post.delivering():
        await make_call(post.archive)
        await post.until(lambda left: not left)

    assert receiver.kinds == WHOLE_CALL
    assert [one.event.type for one in await post.left(dead=True)] == [CALLS[1]]


async def test_an_event_that_was_taken_is_sent_again_when_asked_for(
    post: Post, receiver: Receiver
) -> None:
    webhook = await post.subscribe(receiver)
    async with post.delivering():
        await post.archive.room()
        await came(receiver, 1)
        await post.until(lambda left: not left)
        await post.deliveries.resend(post.resource_id, 1, [webhook.id])
        await came(receiver, 2)

    first, second = receiver.events
    assert first.event == second.event


async def test_what_a_former_process_left_is_delivered_by_the_next(
    post: Post, receiver: Receiver
) -> None:
    await post.subscribe(receiver, *CALLS)
    receiver.answer = failing(lambda _: True)
    async with post.delivering():
        await make_call(post.archive)
        await came(receiver, 1)
    receiver.answer = confirm
    post.archive.house.clock.advance(minutes=1)

    async with post.delivering():
        await post.until(lambda left: not left)

    assert Counter(receiver.kinds) == {WHOLE_CALL[0]: 2, **dict.fromkeys(WHOLE_CALL[1:], 1)}


async def test_a_receiver_that_answers_nothing_holds_up_nobody_else(
    post: Post, receiver: Receiver
) -> None:
    waiting, go_on = threading.Semaphore(0), threading.Event()

    def hang(got: Got) -> Reply:
        if got.event.get("eventType") == "OpenRooms.RoomCreated":
            waiting.release()
            go_on.wait(60)
        return confirm(got)

    with receiving() as slow:
        await post.subscribe(slow)
        await post.subscribe(receiver)
        slow.answer = hang
        async with post.delivering():
            await post.archive.room()
            await asyncio.to_thread(waiting.acquire, timeout=20)
            # While it hangs: requests are answered, calls are made, another receiver is told.
            call_id = await make_call(post.archive)
            await asyncio.to_thread(receiver.wait, lambda one: "CallEnded" in one.kinds)
            assert "RoomCreated" not in slow.kinds
            go_on.set()
            await post.until(lambda left: not left)

    assert of_call(slow, call_id) == WHOLE_CALL


def of_call(receiver: Receiver, call_id: str) -> list[str]:
    found = [one for one in receiver.events if call_id in one.body.decode()]
    return [one.kind for one in found]


class Gate:
    """Holds requests until it is opened, and counts how many it holds at once."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.opened = threading.Event()
        self.held = self.most = 0
        self._changed = threading.Condition()

    def __call__(self, got: Got) -> Reply:
        with self._changed:
            self.held += 1
            self.most = max(self.most, self.held)
            self._changed.notify_all()
        self.opened.wait(60)
        with self._changed:
            self.held -= 1
        return Reply(self.status) if self.status != 200 else confirm(got)

    async def holds(self, number: int) -> None:
        def wait() -> None:
            with self._changed:
                assert self._changed.wait_for(lambda: self.held == number, 20)

        await asyncio.to_thread(wait)


async def test_a_slow_receiver_is_sent_so_many_at_once_and_no_more(
    post: Post, receiver: Receiver
) -> None:
    await post.subscribe(receiver)
    receiver.answer = gate = Gate()
    for _ in range(3 * AT_ONCE):
        await post.archive.room()
    async with post.delivering():
        await gate.holds(AT_ONCE)
        gate.opened.set()
        await post.until(lambda left: not left)

    assert gate.most == AT_ONCE
    assert len(receiver.events) == 3 * AT_ONCE


async def test_a_receiver_that_is_away_is_tried_one_at_a_time_until_it_takes_something(
    post: Post, receiver: Receiver
) -> None:
    await post.subscribe(receiver)
    receiver.answer = lambda _: Reply(503)
    async with post.delivering():
        await post.archive.room()
        await post.until(lambda left: len(left) == 1 and left[0].tries == 1)
        receiver.answer = gate = Gate(503)
        for _ in range(3):
            await post.archive.room()
        await gate.holds(1)
        gate.opened.set()
        await post.until(lambda left: len(left) == 4 and min(one.tries for one in left) == 1)
        assert gate.most == 1

        receiver.answer = gate = Gate()
        for _ in range(AT_ONCE):
            await post.archive.room()
        await gate.holds(1)
        gate.opened.set()
        await post.until(lambda left: not left)

    assert len(receiver.kinds) == 8 + AT_ONCE


async def test_a_redirect_is_not_followed(post: Post, receiver: Receiver) -> None:
    await post.subscribe(receiver)
    receiver.answer = lambda _: Reply(307, headers=(("Location", "http://127.0.0.1:1/"),))
    async with post.delivering():
        await post.archive.room()
        await post.until(lambda left: len(left) == 1 and left[0].tries == 1)

    assert [one.failure for one in await post.left()] == ["answered 307"]


async def test_nothing_of_one_resource_goes_to_the_webhooks_of_another(
    post: Post, receiver: Receiver
) -> None:
    house, mine = post.archive.house, post.resource_id
    own = house.backend("2025-03-13")
    tenant = await house.resources.create("clinic")
    other = house.backend("2025-03-13", key=tenant.primary_key)
    with receiving() as theirs:
        await post.webhooks.add(tenant.id, theirs.url, form="eventgrid")
        await post.webhooks.add(mine, receiver.url, form="eventgrid")
        async with post.delivering():
            made = (await own.send("POST", "/rooms", {})).json()
            await came(receiver, 1)
            await other.send("POST", "/rooms", {})
            await came(theirs, 1)
            await own.send("DELETE", f"/rooms/{made['id']}")
            await came(receiver, 2)

    assert receiver.kinds == ["RoomCreated", "RoomDeleted"]
    assert theirs.kinds == ["RoomCreated"]
    assert made["id"] not in theirs.events[0].body.decode()


async def test_types_that_are_not_wanted_are_not_sent(post: Post, receiver: Receiver) -> None:
    await post.subscribe(receiver, CALLS[0], CALLS[3])
    async with post.delivering():
        await make_call(post.archive)
        await came(receiver, 2)
        await post.until(lambda left: not left)

    assert receiver.kinds == ["CallStarted", "CallEnded"]


async def test_what_happened_before_a_webhook_was_there_is_not_for_it(
    post: Post, receiver: Receiver
) -> None:
    await post.archive.room()
    await post.subscribe(receiver)
    async with post.delivering():
        await make_call(post.archive)
        await post.until(lambda left: not left)
        await came(receiver, 5)

    sequences = {int(one.headers["openrooms-sequence"]): one.kind for one in receiver.events}
    assert [sequences[each] for each in sorted(sequences)] == ["RoomCreated", *WHOLE_CALL]
    assert min(sequences) == 2


async def test_a_webhook_that_is_removed_is_sent_nothing_more(
    post: Post, receiver: Receiver
) -> None:
    webhook = await post.subscribe(receiver)
    receiver.answer = failing(lambda _: True)
    with receiving() as other:
        await post.subscribe(other)
        async with post.delivering():
            await post.archive.room()
            await came(receiver, 1)
            await post.webhooks.remove(post.resource_id, webhook.id)
            post.archive.house.clock.advance(hours=1)
            await post.archive.room()
            await came(other, 2)
            await post.until(lambda left: not left)

    assert len(receiver.events) == 1
    assert await post.archive.house.count("delivery") == 1
    post.archive.house.clock.advance(days=8)
    await post.archive.house.events.sweep()
    assert await post.archive.house.count("delivery") == 0


async def test_the_webhooks_of_a_deleted_resource_are_gone(post: Post, receiver: Receiver) -> None:
    await post.subscribe(receiver)

    await post.webhooks.forget_resource(post.resource_id)
    await post.webhooks.read()

    assert post.webhooks.all == ()
    assert await post.archive.house.count("webhook") == 0


async def test_how_much_waits_and_since_when_is_known(post: Post, receiver: Receiver) -> None:
    await post.subscribe(receiver, CALLS[0], "OpenRooms.RoomCreated")
    receiver.answer = failing(lambda got: got.kind == "CallStarted", 400)
    assert await post.deliveries.standing() == (0, 0, None)
    at = post.archive.house.clock()
    async with post.delivering():
        await make_call(post.archive)
        await post.until(lambda left: not left)
    receiver.answer = failing(lambda _: True)
    async with post.delivering():
        await post.archive.room()
        await post.until(lambda left: [one.tries for one in left] == [1])

    assert await post.deliveries.standing() == (1, 1, at)
