"""What a caller's app gives along reaches whoever is called, and is kept until the call ends."""

from typing import Any
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import Connection, select

from openrooms.calling.context_wire import CustomContext, VoipHeader, read, write
from openrooms.calling.request_wire import Start, UnreadableRequest, decode_request
from openrooms.storage import schema

from .house import House
from .phones import Phones
from .world import World

pytestmark = pytest.mark.anyio

CONTEXT = {
    "userToUser": "case 7",
    "sipHeaders": [{"key": "route", "value": "front desk"}],
    "voipHeaders": [{"key": "colour", "value": "grün"}],
}


def asked(context: object) -> str:
    fields = {"id": 1, "op": "start", "joinId": str(uuid4()), "rawIds": ["8:acs:a_b"]}
    return msgspec.json.encode({**fields, "customContext": context}).decode()


async def test_it_is_told_to_every_agent_of_who_is_called_also_to_a_late_one(house: House) -> None:
    ada, bo = await house.world.person(), await house.world.person()
    async with house.agent(ada) as caller, house.agent(bo) as callee:
        start = {"rawIds": [bo.raw_id], "joinId": str(uuid4())}
        await caller.ask("start", **start, customContext=CONTEXT)

        assert (await callee.event("incoming"))["customContext"] == CONTEXT
        async with house.agent(bo) as late:
            assert (await late.event("incoming"))["customContext"] == CONTEXT


async def test_a_call_without_one_tells_of_none(house: House) -> None:
    ada, bo = await house.world.person(), await house.world.person()
    async with house.agent(ada) as caller, house.agent(bo) as callee:
        await caller.ask("start", rawIds=[bo.raw_id], joinId=str(uuid4()))

        assert "customContext" not in await callee.event("incoming")


@pytest.fixture
def phones(world: World) -> Phones:
    return Phones(world)


async def test_it_is_gone_with_the_call(phones: Phones) -> None:
    caller, callee = await phones.agent(), await phones.agent()

    def stored(connection: Connection) -> list[str | None]:
        return list(connection.execute(select(schema.call.c.custom_context)).scalars())

    admission = await phones.rings.start(
        caller,
        [callee.raw_id],
        join_id=str(uuid4()),
        custom_context=write(CustomContext(user_to_user="case 7")),
    )
    while_it_rings = await phones.world.database.read(stored)
    await phones.world.calls.leave(caller, admission.call.id)

    assert while_it_rings == ['{"userToUser":"case 7"}']
    assert await phones.world.database.read(stored) == [None]


@pytest.mark.parametrize(
    "context",
    [
        "a text",
        {"userToUser": 7},
        {"userToUser": "x" * 1025},
        {"voipHeaders": [{"key": "", "value": "x"}]},
        {"voipHeaders": [{"key": "k" * 65, "value": "x"}]},
        {"voipHeaders": [{"key": "k", "value": "x" * 1025}]},
        {"voipHeaders": [{"key": "k", "value": "x"}] * 51},
        {"sipHeaders": [{"key": "k", "value": "x" * 257}]},
        {"sipHeaders": [{"key": "k", "value": "x"}] * 6},
        {"sipHeaders": [{"key": "k"}]},
    ],
)
def test_what_is_none_or_too_large_is_refused(context: Any) -> None:  # noqa: ANN401 (anything)
    with pytest.raises(UnreadableRequest):
        decode_request(asked(context))


def test_only_what_is_known_of_it_is_kept() -> None:
    request = decode_request(
        asked({"voipHeaders": [{"key": "k", "value": "v", "more": 1}], "x": 1})
    )

    assert isinstance(request, Start)
    assert read(write(request.custom_context)) == CustomContext(voip_headers=[VoipHeader("k", "v")])
