"""Adding to a call, taking out of it, and who may; calls from and into rooms, on a real database."""

from uuid import uuid4

import pytest

from openrooms.calling.consequences import LegRings
from openrooms.calling.errors import (
    BadCallees,
    CallFull,
    NobodyThere,
    NotInCall,
    NotInvited,
    NotPermitted,
    NotRinging,
    OutsideWindow,
    SignedOut,
    StartNotAllowed,
)
from openrooms.identity.model import Scope
from openrooms.rooms.model import Role

from .phones import Phones
from .world import World

pytestmark = pytest.mark.anyio

ROUNDS = 20


async def test_who_is_added_makes_of_a_call_of_two_one_of_many(phones: Phones) -> None:
    ada, bo, cy = [await phones.agent() for _ in range(3)]
    calling = await phones.call(ada, bo)
    await phones.accept(bo, phones.ringing(bo))

    await phones.rings.add(ada, calling.call.id, [cy.raw_id])
    await phones.rings.add(ada, calling.call.id, [cy.raw_id, bo.raw_id])
    await phones.accept(cy, phones.ringing(cy))
    await phones.world.calls.leave(ada, calling.call.id)

    call = await phones.world.calls.call(calling.call.id)
    assert call is not None
    assert not call.two_party
    assert len(await phones.world.calls.live_legs(calling.call.id)) == 2


async def test_who_was_called_into_a_call_and_does_not_come_leaves_the_others_there(
    phones: Phones,
) -> None:
    ada, bo, cy = [await phones.agent() for _ in range(3)]
    calling = await phones.call(ada, bo)
    await phones.accept(bo, phones.ringing(bo))
    await phones.rings.add(bo, calling.call.id, [cy.raw_id])

    await phones.answers.reject(cy, phones.ringing(cy).id)

    assert phones.ends() == {phones.ringing(cy).id: (603, 0)}


async def test_somebody_is_taken_out_and_somebody_rings_no_more(phones: Phones) -> None:
    ada, bo, cy = [await phones.agent() for _ in range(3)]
    calling = await phones.call(ada, bo, cy)
    answered = await phones.accept(bo, phones.ringing(bo))

    await phones.rings.remove(ada, calling.call.id, bo.raw_id)
    await phones.rings.remove(ada, calling.call.id, cy.raw_id)

    assert phones.ends()[answered.leg.id] == (0, 5300)
    assert phones.ends()[phones.ringing(cy).id] == (487, 0)
    with pytest.raises(NobodyThere):
        await phones.rings.remove(ada, calling.call.id, bo.raw_id)


async def test_a_call_is_ended_for_everyone(phones: Phones) -> None:
    ada, bo, cy = [await phones.agent() for _ in range(3)]
    calling = await phones.call(ada, bo, cy)
    answered = await phones.accept(bo, phones.ringing(bo))

    await phones.rings.end(ada, calling.call.id)

    assert phones.ends() == {
        calling.leg.id: (0, 0),
        answered.leg.id: (0, 4097),
        phones.ringing(cy).id: (487, 0),
    }


async def test_who_is_not_in_a_call_can_do_nothing_to_it(phones: Phones) -> None:
    ada, bo, stranger = [await phones.agent() for _ in range(3)]
    calling = await phones.call(ada, bo)

    with pytest.raises(NotInCall):
        await phones.rings.end(stranger, calling.call.id)
    with pytest.raises(NotInCall):
        await phones.rings.add(bo, calling.call.id, [stranger.raw_id])
    with pytest.raises(NotInCall):
        await phones.rings.remove(stranger, str(uuid4()), ada.raw_id)
    with pytest.raises(NotRinging):
        await phones.accept(stranger, phones.ringing(bo))


async def test_a_caller_names_other_users_of_his_service_alone(phones: Phones) -> None:
    ada, other = await phones.agent(), await phones.world.elsewhere()

    for raw_ids in ([], [ada.raw_id], [other.raw_id], ["4:+15550100"], ["8:acs:x"]):
        with pytest.raises(BadCallees):
            await phones.rings.start(ada, raw_ids, join_id=str(uuid4()))
    assert await phones.world.calls.live_calls() == []


async def test_a_token_for_joining_alone_starts_no_call_but_takes_one(phones: Phones) -> None:
    guest, ada = await phones.agent(scopes=(Scope.VOIP_JOIN,)), await phones.agent()

    with pytest.raises(StartNotAllowed):
        await phones.call(guest, ada)
    await phones.call(ada, guest)

    assert (await phones.accept(guest, phones.ringing(guest))).leg.raw_id == guest.raw_id


async def test_a_revoked_caller_is_refused_and_a_revoked_callee_takes_nothing(
    phones: Phones,
) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    await phones.call(ada, bo)
    await phones.world.identities.revoke(phones.world.resource_id, bo.raw_id)

    with pytest.raises(SignedOut):
        await phones.accept(bo, phones.ringing(bo))
    with pytest.raises(SignedOut):
        await phones.call(bo, ada)


async def test_a_caller_whose_tokens_are_revoked_rings_no_more(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    calling = await phones.call(ada, bo)

    await phones.world.identities.revoke(phones.world.resource_id, ada.raw_id)

    assert phones.ends() == {calling.leg.id: (401, 10009), phones.ringing(bo).id: (487, 0)}


async def test_an_agent_that_comes_while_it_rings_can_answer(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    await phones.call(ada, bo)
    late = await phones.agent(bo)

    [ringing] = await phones.answers.answerable(late)
    await phones.answers.reject(bo, ringing.leg.id)

    assert (ringing.leg.id, ringing.caller_name) == (phones.ringing(bo).id, "Someone")
    assert phones.ends() == {}
    assert (await phones.accept(late, ringing.leg)).leg.agent_id == late.id


async def test_an_agent_that_has_declined_is_not_called_again_when_it_comes_back(
    phones: Phones,
) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    await phones.agent(bo)
    await phones.call(ada, bo)
    await phones.answers.reject(bo, phones.ringing(bo).id)

    assert await phones.answers.answerable(bo) == []


async def test_an_agent_that_says_goodbye_rings_no_more(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    phone = await phones.agent(bo)
    calling = await phones.call(ada, bo)

    await phones.answers.withdraw(phone)
    still = phones.ends()
    await phones.answers.withdraw(bo)

    assert still == {}
    assert phones.ends()[calling.leg.id] == (480, 10037)


async def test_seats_are_held_for_those_who_ring(small_world: World) -> None:
    phones = Phones(small_world)
    ada, bo, cy = [await phones.agent() for _ in range(3)]
    calling = await phones.call(ada, bo)

    with pytest.raises(CallFull):
        await phones.rings.add(ada, calling.call.id, [cy.raw_id])
    with pytest.raises(CallFull):
        await phones.call(cy, ada, bo)
    assert (await phones.accept(bo, phones.ringing(bo))).call == calling.call


async def test_a_presenter_rings_who_is_on_the_roster_and_nobody_else(phones: Phones) -> None:
    ada, bo, stranger = [await phones.agent() for _ in range(3)]
    room = await phones.world.room(**{ada.raw_id: Role.PRESENTER, bo.raw_id: Role.ATTENDEE})
    inside = await phones.world.calls.join(ada, str(room.id), join_id=str(uuid4()))

    with pytest.raises(NotInvited):
        await phones.rings.add(ada, inside.call.id, [bo.raw_id, stranger.raw_id])
    assert not any(isinstance(one, LegRings) for one in phones.world.followed.all)
    await phones.rings.add(ada, inside.call.id, [bo.raw_id])
    answered = await phones.accept(bo, phones.ringing(bo))

    assert answered.leg.role is Role.ATTENDEE
    with pytest.raises(NotPermitted):
        await phones.rings.add(bo, inside.call.id, [ada.raw_id])
    with pytest.raises(NotPermitted):
        await phones.rings.remove(bo, inside.call.id, ada.raw_id)
    with pytest.raises(NotPermitted):
        await phones.rings.end(ada, inside.call.id)


async def test_whom_nobody_invited_is_refused_like_one_who_does_not_exist(
    small_world: World,
) -> None:
    phones = Phones(small_world)
    ada, bo, stranger = [await phones.agent() for _ in range(3)]
    nobody = f"{stranger.raw_id[:-12]}000000000000"
    room = await phones.world.room(**{ada.raw_id: Role.PRESENTER, bo.raw_id: Role.ATTENDEE})
    inside = await phones.world.calls.join(ada, str(room.id), join_id=str(uuid4()))

    with pytest.raises(NotInvited) as refused:
        await phones.rings.add(ada, inside.call.id, [stranger.raw_id])
    with pytest.raises(NotInvited) as unknown:
        await phones.rings.add(ada, inside.call.id, [nobody])
    assert str(refused.value) == str(unknown.value)

    await phones.rings.add(ada, inside.call.id, [bo.raw_id])
    for other in (stranger.raw_id, nobody):
        with pytest.raises(CallFull):
            await phones.rings.add(ada, inside.call.id, [other])


async def test_who_is_taken_off_the_roster_while_it_rings_cannot_come(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    room = await phones.world.room(**{ada.raw_id: Role.PRESENTER, bo.raw_id: Role.ATTENDEE})
    inside = await phones.world.calls.join(ada, str(room.id), join_id=str(uuid4()))
    await phones.rings.add(ada, inside.call.id, [bo.raw_id])

    await phones.world.invite(room, {bo.raw_id: None})

    assert phones.ends() == {phones.ringing(bo).id: (0, 5317)}
    with pytest.raises(NotRinging):
        await phones.accept(bo, phones.ringing(bo))


async def test_nobody_comes_into_a_room_by_a_ring_once_its_time_is_over(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    room = await phones.world.room(**{ada.raw_id: Role.PRESENTER, bo.raw_id: Role.ATTENDEE})
    inside = await phones.world.calls.join(ada, str(room.id), join_id=str(uuid4()))
    await phones.rings.add(ada, inside.call.id, [bo.raw_id])
    phones.world.clock.advance(days=181)

    fresh = await phones.agent(bo)

    with pytest.raises(OutsideWindow):
        await phones.accept(fresh, phones.ringing(bo))
