"""Calling others: who rings, who answers, and how it ends for both sides, on a real database."""

import asyncio
from functools import partial
from uuid import uuid4

import pytest

from openrooms.calling.capabilities import CallKind
from openrooms.calling.consequences import CallEnded, LegAccepted
from openrooms.calling.errors import (
    NotRinging,
)
from openrooms.calling.joining import Admission
from openrooms.calling.model import VANISHED

from .phones import Phones

pytestmark = pytest.mark.anyio

ROUNDS = 20


async def test_a_call_of_two_rings_and_connects(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()

    calling = await phones.call(ada, bo)
    answered = await phones.accept(bo, phones.ringing(bo))

    assert (calling.call.kind, calling.call.two_party) == (CallKind.DIRECT, True)
    assert (calling.call.group_id, calling.call.room_id) == (None, None)
    assert answered.leg.id == phones.ringing(bo).id
    assert {leg.id for leg in await phones.world.calls.live_legs(calling.call.id)} == {
        calling.leg.id,
        answered.leg.id,
    }


async def test_when_one_of_two_hangs_up_the_call_is_over_for_both(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    calling = await phones.call(ada, bo)
    answered = await phones.accept(bo, phones.ringing(bo))

    await phones.world.calls.leave(bo, calling.call.id)

    assert phones.ends() == {answered.leg.id: (0, 0), calling.leg.id: (0, 0)}
    assert CallEnded(calling.call.id) in phones.world.followed.all


async def test_when_one_of_two_vanishes_the_other_is_told_so(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    calling = await phones.call(ada, bo)
    answered = await phones.accept(bo, phones.ringing(bo))

    await phones.world.calls.end(answered.leg.id, VANISHED)

    assert phones.ends()[calling.leg.id] == (0, 4521)


async def test_a_declined_call_ends_for_the_caller(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    calling = await phones.call(ada, bo)

    await phones.answers.reject(bo, phones.ringing(bo).id)

    assert phones.ends() == {phones.ringing(bo).id: (603, 0), calling.leg.id: (603, 0)}


async def test_a_call_that_all_of_several_endpoints_decline_says_so(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    phone = await phones.agent(bo)
    calling = await phones.call(ada, bo)

    await phones.answers.reject(bo, phones.ringing(bo).id)
    still = phones.ends()
    await phones.answers.reject(phone, phones.ringing(bo).id)

    assert still == {}
    assert phones.ends()[calling.leg.id] == (487, 10024)


async def test_an_agent_that_declines_twice_is_one_that_declined(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    await phones.agent(bo)
    await phones.call(ada, bo)

    await phones.answers.reject(bo, phones.ringing(bo).id)
    await phones.answers.reject(bo, phones.ringing(bo).id)

    assert phones.ends() == {}


async def test_nobody_reachable_is_told_at_once(phones: Phones) -> None:
    ada = await phones.agent()
    absent = await phones.world.agent(await phones.world.person())

    calling = await phones.call(ada, absent)

    assert phones.ends()[calling.leg.id] == (480, 10037)
    assert await phones.world.calls.live_calls() == []


async def test_who_does_not_exist_is_like_who_cannot_be_reached(phones: Phones) -> None:
    ada = await phones.agent()
    nobody = f"8:acs:{phones.world.resource_id}_{uuid4()}"

    calling = await phones.rings.start(ada, [nobody], join_id=str(uuid4()))

    assert phones.ends()[calling.leg.id] == (480, 10037)


async def test_a_call_that_rings_for_too_long_is_not_answered(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    calling = await phones.call(ada, bo)

    await phones.answers.expire(phones.ringing(bo).id)
    await phones.answers.expire(phones.ringing(bo).id)
    await phones.answers.expire(str(uuid4()))

    assert phones.ends()[calling.leg.id] == (487, 10004)
    with pytest.raises(NotRinging):
        await phones.accept(bo, phones.ringing(bo))


async def test_a_caller_who_hangs_up_cancels(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    calling = await phones.call(ada, bo)

    await phones.world.calls.leave(ada, calling.call.id)

    assert phones.ends() == {calling.leg.id: (0, 0), phones.ringing(bo).id: (487, 0)}
    with pytest.raises(NotRinging):
        await phones.answers.reject(bo, phones.ringing(bo).id)


async def test_the_first_agent_takes_the_call_and_the_other_has_nothing_to_take(
    phones: Phones,
) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    phone = await phones.agent(bo)
    await phones.call(ada, bo)

    taken = await phones.accept(phone, phones.ringing(bo))

    with pytest.raises(NotRinging):
        await phones.accept(bo, phones.ringing(bo))
    assert taken.leg.agent_id == phone.id
    assert LegAccepted(taken.leg) in phones.world.followed.all


async def test_of_two_agents_that_accept_at_once_exactly_one_wins(phones: Phones) -> None:
    for _ in range(ROUNDS):
        ada, bo = await phones.agent(), await phones.agent()
        phone = await phones.agent(bo)
        await phones.call(ada, bo)
        leg = phones.ringing(bo)

        answers = await asyncio.gather(
            phones.accept(bo, leg), phones.accept(phone, leg), return_exceptions=True
        )

        assert sorted(type(one).__name__ for one in answers) == ["Admission", "NotRinging"]


async def test_an_answer_and_a_cancellation_at_once_leave_no_half_call(phones: Phones) -> None:
    for _ in range(ROUNDS):
        ada, bo = await phones.agent(), await phones.agent()
        calling = await phones.call(ada, bo)

        await asyncio.gather(
            phones.accept(bo, phones.ringing(bo)),
            phones.world.calls.leave(ada, calling.call.id),
            return_exceptions=True,
        )

        assert await phones.world.calls.open_legs(calling.call.id) == []
        assert not await phones.world.calls.is_live(calling.call.id)


@pytest.mark.parametrize("rival", ["expire", "reject", "withdraw"])
async def test_an_answer_and_an_end_at_once_leave_both_sides_with_one_truth(
    phones: Phones, rival: str
) -> None:
    for _ in range(ROUNDS):
        ada, bo = await phones.agent(), await phones.agent()
        calling = await phones.call(ada, bo)
        leg = phones.ringing(bo)
        others = {
            "expire": partial(phones.answers.expire, leg.id),
            "reject": partial(phones.answers.reject, bo, leg.id),
            "withdraw": partial(phones.answers.withdraw, bo),
        }

        answer, _ = await asyncio.gather(
            phones.accept(bo, leg), others[rival](), return_exceptions=True
        )

        live = await phones.world.calls.live_legs(calling.call.id)
        assert len(live) == (2 if isinstance(answer, Admission) else 0)
        assert await phones.world.calls.is_live(calling.call.id) == bool(live)


async def test_an_accept_that_is_repeated_gives_the_same_leg(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    await phones.call(ada, bo)
    leg, join_id = phones.ringing(bo), str(uuid4())
    first = await phones.answers.accept(bo, leg.id, join_id=join_id)

    second = await phones.answers.accept(bo, leg.id, join_id=join_id)

    assert (second.leg.id, second.ticket != first.ticket) == (first.leg.id, True)


async def test_a_start_that_is_repeated_gives_the_same_call(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    join_id = str(uuid4())
    first = await phones.rings.start(ada, [bo.raw_id], join_id=join_id)

    second = await phones.rings.start(ada, [bo.raw_id], join_id=join_id)

    assert (second.call, second.leg.id) == (first.call, first.leg.id)
    assert len(await phones.world.calls.open_legs(first.call.id)) == 2


async def test_one_of_many_stays_while_others_are_there(phones: Phones) -> None:
    ada, bo, cy = [await phones.agent() for _ in range(3)]
    calling = await phones.call(ada, bo, cy)
    await phones.accept(bo, phones.ringing(bo))
    await phones.answers.reject(cy, phones.ringing(cy).id)

    await phones.world.calls.leave(bo, calling.call.id)

    assert not calling.call.two_party
    assert calling.leg.id not in phones.ends()


async def test_of_a_call_to_many_that_nobody_answered_the_last_reason_is_told(
    phones: Phones,
) -> None:
    ada, bo, cy = [await phones.agent() for _ in range(3)]
    calling = await phones.call(ada, bo, cy)

    await phones.answers.reject(bo, phones.ringing(bo).id)
    await phones.answers.expire(phones.ringing(cy).id)

    assert phones.ends()[calling.leg.id] == (487, 10004)


async def test_when_the_caller_of_many_leaves_what_still_rings_goes_on(phones: Phones) -> None:
    ada, bo, cy = [await phones.agent() for _ in range(3)]
    calling = await phones.call(ada, bo, cy)
    await phones.accept(bo, phones.ringing(bo))

    await phones.world.calls.leave(ada, calling.call.id)

    assert phones.ringing(cy).id not in phones.ends()
    await phones.world.calls.leave(bo, calling.call.id)
    assert phones.ends()[phones.ringing(cy).id] == (487, 0)
