"""What participants write to each other, over real agent sockets and with the real engine."""

import json
from base64 import b64decode, b64encode
from contextlib import AsyncExitStack
from itertools import count
from typing import Any

import pytest

from openrooms.calling.agents import MESSAGES_AT_ONCE
from openrooms.calling.request_wire import LARGEST_DATA
from openrooms.rooms.model import Role

from .guests import Guest, Meeting, gathering
from .house import House, Refused

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
_sequences = count(1)


async def enter(meeting: Meeting, role: Role = Role.ATTENDEE, name: str = "") -> Guest:
    """Somebody whose media is up, though no client by hand sends any."""
    guest = await meeting.enter(role, name)
    await meeting.house.world.calls.connected(guest.joined["leg"]["participantId"])
    return guest


def message(data: bytes) -> dict[str, Any]:
    """A message on channel 7 for everyone."""
    return {
        "channelId": 7,
        "session": 1,
        "sequence": next(_sequences),
        "reliability": "Durable",
        "priority": "Normal",
        "rawIds": None,
        "data": b64encode(data).decode(),
    }


async def send(guest: Guest, data: bytes = b"hello", **fields: object) -> dict[str, Any]:
    return await guest.ask("sendData", **(message(data) | fields))


async def codes(guest: Guest, data: bytes) -> tuple[int, int]:
    """How sending is answered."""
    try:
        await send(guest, data)
    except Refused as refused:
        return refused.codes
    return (200, 0)


async def test_the_largest_message_goes_through_and_comes_in_order(house: House) -> None:
    async with gathering(house) as meeting:
        ada, bo = await enter(meeting), await enter(meeting, Role.CONSUMER)
        largest = bytes(range(256)) * (LARGEST_DATA // 256)

        assert await send(ada, largest) == {}
        await send(ada, b"", rawIds=[bo.raw_id])
        await ada.ask("closeData", channelId=7, session=1)

        first, second = [await bo.client.event("data") for _ in range(2)]
        closed = await bo.client.event("dataClosed")
        assert b64decode(first["data"]) == largest
        assert (first["rawId"], second["data"]) == (ada.raw_id, "")
        assert first["seq"] < second["seq"] < closed["seq"]
        assert first["sequence"] < second["sequence"]
        assert closed["participantId"] == first["participantId"]


@pytest.mark.parametrize(
    "fields",
    [
        {"data": b64encode(bytes(LARGEST_DATA + 1)).decode()},
        {"data": "*"},
        {"channelId": 0},
        {"channelId": 65_536},
        {"rawIds": ["8:acs:a_b"] * 65},
    ],
    ids=["too large", "no base64", "channel 0", "channel 65536", "65 named"],
)
async def test_what_is_out_of_bounds_is_told_and_reaches_nobody(
    house: House, fields: dict[str, Any]
) -> None:
    async with gathering(house) as meeting:
        ada, bo = await enter(meeting), await enter(meeting)

        with pytest.raises(Refused) as refused:
            await ada.ask("sendData", **(message(b"") | fields))
        assert refused.value.codes == (400, 0)
        await send(ada, b"after")

        assert b64decode((await bo.client.event("data"))["data"]) == b"after"


async def test_who_floods_is_refused_and_then_cut_and_others_go_on(house: House) -> None:
    async with gathering(house) as meeting:
        ada, bo = await enter(meeting), await enter(meeting)
        answers = {await codes(ada, bytes(LARGEST_DATA)) for _ in range(6)}
        assert answers == {(200, 0), (429, 0)}

        call_id = ada.joined["call"]["callId"]
        text = {"op": "sendText", "callId": call_id, "sequence": 1, "text": "", "final": False}
        for number in range(4 * MESSAGES_AT_ONCE):
            await ada.client.socket.send(json.dumps({"id": 1_000 + number, **text}))

        assert await ada.client.close_code() == 4429
        assert await bo.client.ask("ping") == {}


async def test_an_agent_that_was_away_misses_what_was_sent_and_sees_it_by_the_numbers(
    house: House,
) -> None:
    async with gathering(house) as meeting, AsyncExitStack() as stack:
        ada, bo = await enter(meeting), await enter(meeting)
        legs = await house.world.calls.live_legs(ada.joined["call"]["callId"])
        agent_id = next(leg.agent_id for leg in legs if leg.raw_id == bo.raw_id)
        await bo.client.socket.close()
        assert await send(ada, sequence=1) == {}

        back = await stack.enter_async_context(house.agent(bo.user, agentId=agent_id))
        await back.event("snapshot")
        await send(ada, sequence=2)

        assert (await back.event("data"))["sequence"] == 2


async def test_text_is_shown_to_all_and_to_who_writes_it(house: House) -> None:
    async with gathering(house) as meeting:
        ada, bo = await enter(meeting, name="Ada"), await enter(meeting, Role.CONSUMER)

        await ada.ask("sendText", sequence=1, text="Hel", final=False)
        await ada.ask("sendText", sequence=1, text="Hello", final=True)

        for guest in (ada, bo):
            told = [await guest.client.event("text") for _ in range(2)]
            assert [(one["text"], one["final"]) for one in told] == [
                ("Hel", False),
                ("Hello", True),
            ]
            assert {(one["rawId"], one["displayName"]) for one in told} == {(ada.raw_id, "Ada")}
        with pytest.raises(Refused) as refused:
            await bo.ask("sendText", sequence=1, text="me too", final=True)
        assert refused.value.codes == (403, 10403)
        with pytest.raises(Refused) as refused:
            await ada.ask("sendText", sequence=2, text="x" * 2001, final=True)
        assert refused.value.codes == (400, 0)
