"""Calling others: who rings, who answers, and how it ends for both sides, on a real database."""

import asyncio
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from openrooms.calling.capabilities import CallKind
from openrooms.calling.consequences import CallEnded, LegAccepted, LegEnded, LegRings
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
from openrooms.calling.joining import Admission, Agent
from openrooms.calling.model import VANISHED, Leg
from openrooms.calling.ringing import Rings
from openrooms.identity.model import Scope
from openrooms.rooms.model import Role

from .world import World

pytestmark = pytest.mark.anyio

ROUNDS = 20


@dataclass(slots=True)
class Phones:
    """A world in which agents can be reached, and short ways to call."""

    world: World
    connected: dict[str, list[str]] = field(default_factory=dict)

    @property
    def rings(self) -> Rings:
        return self.world.services.rings

    async def agent(self, like: Agent | None = None, **options: tuple[Scope, ...]) -> Agent:
        """A connected agent of a new user, or another one of a user's."""
        user = like.caller.user if like is not None else await self.world.person()
        agent = await self.world.agent(user, "Someone", **options)
        self.connected.setdefault(agent.raw_id, []).append(agent.id)
        return agent

    async def call(self, caller: Agent, *callees: Agent) -> Admission:
        return await self.rings.start(caller, [one.raw_id for one in callees], join_id=str(uuid4()))

    async def accept(self, agent: Agent, leg: Leg) -> Admission:
        return await self.rings.accept(agent, leg.id, join_id=str(uuid4()))

    def ringing(self, agent: Agent) -> Leg:
        """The leg that was last announced to the agent's user."""
        rung = [one.leg for one in self.world.followed.all if isinstance(one, LegRings)]
        return [leg for leg in rung if leg.raw_id == agent.raw_id][-1]

    def ends(self) -> dict[str, tuple[int, int]]:
        """How legs have ended so far, by participant id."""
        ended = [one for one in self.world.followed.all if isinstance(one, LegEnded)]
        return {one.leg.id: (one.reason.code, one.reason.sub_code) for one in ended}


@pytest.fixture
def phones(world: World) -> Phones:
    made = Phones(world)
    world.services.rings.look_for_agents(lambda raw_id: made.connected.get(raw_id, []))
    return made


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

    await phones.rings.reject(bo, phones.ringing(bo).id)

    assert phones.ends() == {phones.ringing(bo).id: (603, 0), calling.leg.id: (603, 0)}


async def test_a_call_that_all_of_several_endpoints_decline_says_so(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    phone = await phones.agent(bo)
    calling = await phones.call(ada, bo)

    await phones.rings.reject(bo, phones.ringing(bo).id)
    still = phones.ends()
    await phones.rings.reject(phone, phones.ringing(bo).id)

    assert still == {}
    assert phones.ends()[calling.leg.id] == (487, 10024)


async def test_an_agent_that_declines_twice_is_one_that_declined(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    await phones.agent(bo)
    await phones.call(ada, bo)

    await phones.rings.reject(bo, phones.ringing(bo).id)
    await phones.rings.reject(bo, phones.ringing(bo).id)

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

    await phones.rings.expire(phones.ringing(bo).id)
    await phones.rings.expire(phones.ringing(bo).id)
    await phones.rings.expire(str(uuid4()))

    assert phones.ends()[calling.leg.id] == (487, 10004)
    with pytest.raises(NotRinging):
        await phones.accept(bo, phones.ringing(bo))


async def test_a_caller_who_hangs_up_cancels(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    calling = await phones.call(ada, bo)

    await phones.world.calls.leave(ada, calling.call.id)

    assert phones.ends() == {calling.leg.id: (0, 0), phones.ringing(bo).id: (487, 0)}
    with pytest.raises(NotRinging):
        await phones.rings.reject(bo, phones.ringing(bo).id)


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


async def test_an_accept_that_is_repeated_gives_the_same_leg(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    await phones.call(ada, bo)
    leg, join_id = phones.ringing(bo), str(uuid4())
    first = await phones.rings.accept(bo, leg.id, join_id=join_id)

    second = await phones.rings.accept(bo, leg.id, join_id=join_id)

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
    await phones.rings.reject(cy, phones.ringing(cy).id)

    await phones.world.calls.leave(bo, calling.call.id)

    assert not calling.call.two_party
    assert calling.leg.id not in phones.ends()


async def test_of_a_call_to_many_that_nobody_answered_the_last_reason_is_told(
    phones: Phones,
) -> None:
    ada, bo, cy = [await phones.agent() for _ in range(3)]
    calling = await phones.call(ada, bo, cy)

    await phones.rings.reject(bo, phones.ringing(bo).id)
    await phones.rings.expire(phones.ringing(cy).id)

    assert phones.ends()[calling.leg.id] == (487, 10004)


async def test_when_the_caller_of_many_leaves_what_still_rings_goes_on(phones: Phones) -> None:
    ada, bo, cy = [await phones.agent() for _ in range(3)]
    calling = await phones.call(ada, bo, cy)
    await phones.accept(bo, phones.ringing(bo))

    await phones.world.calls.leave(ada, calling.call.id)

    assert phones.ringing(cy).id not in phones.ends()
    await phones.world.calls.leave(bo, calling.call.id)
    assert phones.ends()[phones.ringing(cy).id] == (487, 0)


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

    await phones.rings.reject(cy, phones.ringing(cy).id)

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

    [ringing] = await phones.rings.answerable(late)
    await phones.rings.reject(bo, ringing.leg.id)

    assert (ringing.leg.id, ringing.caller_name) == (phones.ringing(bo).id, "Someone")
    assert phones.ends() == {}
    assert (await phones.accept(late, ringing.leg)).leg.agent_id == late.id


async def test_an_agent_that_has_declined_is_not_called_again_when_it_comes_back(
    phones: Phones,
) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    await phones.agent(bo)
    await phones.call(ada, bo)
    await phones.rings.reject(bo, phones.ringing(bo).id)

    assert await phones.rings.answerable(bo) == []


async def test_an_agent_that_says_goodbye_rings_no_more(phones: Phones) -> None:
    ada, bo = await phones.agent(), await phones.agent()
    phone = await phones.agent(bo)
    calling = await phones.call(ada, bo)

    await phones.rings.withdraw(phone)
    still = phones.ends()
    await phones.rings.withdraw(bo)

    assert still == {}
    assert phones.ends()[calling.leg.id] == (480, 10037)


async def test_seats_are_held_for_those_who_ring(small_world: World) -> None:
    phones = Phones(small_world)
    small_world.services.rings.look_for_agents(lambda raw_id: phones.connected.get(raw_id, []))
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
