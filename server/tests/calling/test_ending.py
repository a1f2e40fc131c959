"""What clients are told of time: of the end of their call, and what they may do without a token."""

from datetime import timedelta
from uuid import uuid4

import pytest

from openrooms.rooms.model import Role, RoomChange

from .house import House, Refused, invited

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def test_everyone_is_told_of_the_end_of_the_call_who_comes_later_too(house: House) -> None:
    user, room = await invited(house)
    late, agent_id = await house.world.person(), str(uuid4())
    await house.world.invite(room, {late.raw_id: Role.ATTENDEE})
    await house.world.set(room, atExpiry="end")
    async with house.agent(user, agentId=agent_id) as client:
        await client.join(room.id)
        until = house.world.clock() + timedelta(minutes=3)
        await house.world.rooms.update(
            house.world.resource_id, str(room.id), RoomChange(valid_until=until)
        )
        told = await client.event("ending")
    async with house.agent(user, agentId=agent_id) as back, house.agent(late) as other:
        shown = (await back.event("snapshot"))["ending"]
        joined = (await other.join(room.id))["ending"]
        house.world.clock.advance(minutes=3)
        ended = [await one.event("ended") for one in (back, other)]

    assert shown == joined == {"at": told["at"], "reason": "RoomExpired"}
    assert [(one["code"], one["subCode"]) for one in ended] == [(0, 7000)] * 2


async def test_an_end_that_is_taken_back_is_told(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        await client.join(room.id)
        until = house.world.clock() + timedelta(minutes=3)
        await house.world.rooms.update(
            house.world.resource_id, str(room.id), RoomChange(valid_until=until)
        )
        await house.world.set(room, atExpiry="end")
        first = await client.event("ending")
        await house.world.set(room, atExpiry="stay")
        second = await client.event("ending")

    assert first["at"] is not None
    assert second["at"] is None


async def test_who_has_no_good_token_may_get_one_and_do_nothing_else(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        joined = await client.join(room.id)
        house.world.clock.advance(hours=24)
        with pytest.raises(Refused) as refused:
            await client.ask("raiseHand", callId=joined["call"]["callId"])
        await client.ask("ping")
        await client.ask("refreshToken", token=await house.token(user))

        assert refused.value.codes == (401, 10009)
        await client.ask("raiseHand", callId=joined["call"]["callId"])
