"""Direct calls as clients see them: over real agent sockets, with the real engine."""

from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest

from openrooms.kernel.identifiers import CommunicationUser
from openrooms.rooms.model import Role

from .house import AgentClient, House, Refused

pytestmark = pytest.mark.anyio


async def call(client: AgentClient, *users: CommunicationUser) -> dict[str, Any]:
    raw_ids = [user.raw_id for user in users]
    return await client.ask("start", rawIds=raw_ids, joinId=str(uuid4()))


async def accept(client: AgentClient, incoming: dict[str, Any]) -> dict[str, Any]:
    return await client.ask("accept", participantId=incoming["participantId"], joinId=str(uuid4()))


async def test_who_is_called_hears_who_calls_and_both_are_told_of_each_other(
    house: House,
) -> None:
    ada, bo = await house.world.person(), await house.world.person()
    async with (
        house.agent(ada, displayName="Ada") as caller,
        house.agent(bo, displayName="Bo") as callee,
    ):
        calling = await call(caller, bo)
        incoming = await callee.event("incoming")
        answered = await accept(callee, incoming)

        assert incoming["caller"] == {"rawId": ada.raw_id, "displayName": "Ada"}
        assert incoming["call"] == calling["call"] == answered["call"]
        assert (incoming["call"]["kind"], incoming["call"]["groupId"]) == ("direct", "")
        assert [(leg["rawId"], leg["state"]) for leg in calling["legs"]] == [(bo.raw_id, "ringing")]
        async with house.media(calling["media"]["ticket"]) as media:
            await media.hear("join")
            async with house.media(answered["media"]["ticket"]) as other:
                await other.hear("join")


async def test_the_callers_roster_shows_the_callee_on_his_way(house: House) -> None:
    ada, bo = await house.world.person(), await house.world.person()
    async with house.agent(ada) as caller, house.agent(bo, displayName="Bo") as callee:
        await call(caller, bo)
        await accept(callee, await callee.event("incoming"))

        told = await caller.event("legsChanged")
        while told["changed"][0]["state"] == "ringing":
            told = await caller.event("legsChanged")

    assert [(leg["displayName"], leg["state"]) for leg in told["changed"]] == [("Bo", "connecting")]


async def test_the_first_device_answers_and_the_other_stops_ringing(house: House) -> None:
    ada, bo = await house.world.person(), await house.world.person()
    async with house.agent(ada) as caller, house.agent(bo) as phone, house.agent(bo) as laptop:
        await call(caller, bo)
        incoming = await phone.event("incoming")
        await laptop.event("incoming")
        await accept(phone, incoming)

        ended = await laptop.event("incomingEnded")
        with pytest.raises(Refused) as late:
            await accept(laptop, incoming)

    assert (ended["code"], ended["subCode"]) == (487, 10003)
    assert ended["participantId"] == incoming["participantId"]
    assert late.value.codes == (400, 41006)


async def test_a_declined_call_ends_for_the_caller_with_its_code(house: House) -> None:
    ada, bo = await house.world.person(), await house.world.person()
    async with house.agent(ada) as caller, house.agent(bo) as callee:
        await call(caller, bo)
        incoming = await callee.event("incoming")
        await callee.ask("reject", participantId=incoming["participantId"])

        ended = await caller.event("ended")

    assert (ended["code"], ended["subCode"]) == (603, 0)


async def test_nobody_reachable_is_the_answer_to_the_start(house: House) -> None:
    ada, bo = await house.world.person(), await house.world.person()
    async with house.agent(ada) as caller:
        with pytest.raises(Refused) as refused:
            await call(caller, bo)

    assert refused.value.codes == (480, 10037)


async def test_a_device_that_comes_while_it_rings_is_told(house: House) -> None:
    ada, bo = await house.world.person(), await house.world.person()
    async with house.agent(ada, displayName="Ada") as caller, house.agent(bo) as phone:
        await call(caller, bo)
        incoming = await phone.event("incoming")
        async with house.agent(bo) as laptop:
            again = await laptop.event("incoming")
            await caller.ask("leave", callId=again["call"]["callId"])
            ends = [await one.event("incomingEnded") for one in (phone, laptop)]

    assert again["participantId"] == incoming["participantId"]
    assert again["caller"]["displayName"] == "Ada"
    assert {(one["code"], one["subCode"]) for one in ends} == {(487, 0)}


async def test_a_device_that_lost_its_connection_is_called_again_when_it_is_back(
    house: House,
) -> None:
    ada, bo = await house.world.person(), await house.world.person()
    agent_id = str(uuid4())
    async with house.agent(ada) as caller:
        async with house.agent(bo, agentId=agent_id) as phone:
            await call(caller, bo)
            first = await phone.event("incoming")
        async with house.agent(bo, agentId=agent_id) as phone:
            again = await phone.event("incoming")
            answered = await accept(phone, again)

    assert again["participantId"] == first["participantId"] == answered["leg"]["participantId"]


async def test_a_busy_user_is_called_all_the_same(house: House) -> None:
    ada, bo, cy = [await house.world.person() for _ in range(3)]
    async with house.agent(ada) as first, house.agent(bo) as callee, house.agent(cy) as second:
        await call(first, bo)
        await accept(callee, await callee.event("incoming"))
        await call(second, bo)

        incoming = await callee.event("incoming")

    assert incoming["caller"]["rawId"] == cy.raw_id


async def test_in_a_room_presenters_alone_see_who_is_called(house: House) -> None:
    host, guest, late = [await house.world.person() for _ in range(3)]
    room = await house.world.room(
        **{
            host.raw_id: Role.PRESENTER,
            guest.raw_id: Role.ATTENDEE,
            late.raw_id: Role.ATTENDEE,
        }
    )
    async with AsyncExitStack() as stack:
        presenter, attendee, called = [
            await stack.enter_async_context(house.agent(user)) for user in (host, guest, late)
        ]
        call_id = (await presenter.join(room.id))["call"]["callId"]
        joined = await attendee.join(room.id)
        await presenter.ask("add", callId=call_id, rawIds=[late.raw_id])
        incoming = await called.event("incoming")
        told = await presenter.event("legsChanged")
        await called.ask("reject", participantId=incoming["participantId"])
        gone = await presenter.event("legsChanged")
        again = await attendee.join(room.id)

    assert [(leg["rawId"], leg["state"]) for leg in told["changed"]] == [(late.raw_id, "ringing")]
    assert gone["removed"] == [incoming["participantId"]]
    assert gone["ends"][incoming["participantId"]]["code"] == 603
    assert late.raw_id not in str([joined, again, attendee.events])


async def test_a_room_given_to_a_running_call_leaves_it_unharmed(house: House) -> None:
    ada, bo = await house.world.person(), await house.world.person()
    room = await house.world.room(**{ada.raw_id: Role.PRESENTER})
    async with house.agent(ada) as caller, house.agent(bo) as callee:
        calling = await call(caller, bo)
        call_id = calling["call"]["callId"]
        await accept(callee, await callee.event("incoming"))

        with pytest.raises(Refused) as refused:
            await caller.ask("add", callId=call_id, rawIds=[str(room.id)])
        with pytest.raises(Refused) as both:
            await caller.join(room.id, groupId=str(uuid4()))

        assert refused.value.codes == (400, 10044)
        assert both.value.codes == (400, 0)
        assert len(await house.world.calls.live_legs(call_id)) == 2


async def test_a_call_is_ended_for_both_by_one(house: House) -> None:
    ada, bo = await house.world.person(), await house.world.person()
    async with house.agent(ada) as caller, house.agent(bo) as callee:
        calling = await call(caller, bo)
        await accept(callee, await callee.event("incoming"))
        await caller.ask("end", callId=calling["call"]["callId"])

        ends = [await one.event("ended") for one in (caller, callee)]

    assert [(one["code"], one["subCode"]) for one in ends] == [(0, 0), (0, 4097)]


async def test_a_last_device_that_says_goodbye_makes_its_user_unreachable(
    house: House,
) -> None:
    ada, bo = await house.world.person(), await house.world.person()
    async with house.agent(ada) as caller, house.agent(bo) as callee:
        await call(caller, bo)
        await callee.event("incoming")
        await callee.ask("goodbye")

        ended = await caller.event("ended")

    assert (ended["code"], ended["subCode"]) == (480, 10037)


async def test_what_is_no_join_id_is_refused_by_each_that_takes_one(house: House) -> None:
    ada, bo = await house.world.person(), await house.world.person()
    async with house.agent(ada) as caller:
        with pytest.raises(Refused) as start:
            await caller.ask("start", rawIds=[bo.raw_id], joinId="me")
        with pytest.raises(Refused) as take:
            await caller.ask("accept", participantId="x", joinId="me")

    assert start.value.codes == take.value.codes == (400, 0)


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"roomId": ""}, (400, 5751)),
        ({"groupId": ""}, (400, 10044)),
        ({}, (400, 0)),
        ({"roomId": "", "groupId": ""}, (400, 0)),
    ],
)
async def test_a_join_names_one_place_and_an_empty_name_is_malformed(
    house: House, fields: dict[str, str], codes: tuple[int, int]
) -> None:
    async with house.agent(await house.world.person()) as client:
        with pytest.raises(Refused) as refused:
            await client.ask("join", joinId=str(uuid4()), **fields)

    assert refused.value.codes == codes
