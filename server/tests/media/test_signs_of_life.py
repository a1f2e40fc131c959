"""A client's pings: told apart from all else, passed on before what waits, and each answered."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from livekit.protocol import rtc
from tests.media.signalling import query, seat

from openrooms.media.engine import Engine, Upstream
from openrooms.media.livekit.frames import (
    PING_SECONDS,
    SILENT_SECONDS,
    server_message,
    sign_of_life,
)

pytestmark = pytest.mark.anyio

KINDS = tuple(field.name for field in rtc.SignalRequest.DESCRIPTOR.fields)
# Field 1999: bytes that nobody knows.
UNKNOWN = b"\xfa\x7c\x03abc"


def request(kind: str) -> bytes:
    """A request of that kind with as little in it as can be."""
    made = rtc.SignalRequest()
    if kind == "ping":
        made.ping = 1
    else:
        getattr(made, kind).SetInParent()
    return made.SerializeToString()


def ping(at: int) -> bytes:
    return rtc.SignalRequest(ping_req=rtc.Ping(timestamp=at, rtt=3)).SerializeToString()


def test_a_ping_is_a_sign_of_life_and_nothing_else_is() -> None:
    told = {kind: sign_of_life(request(kind)) for kind in KINDS}

    assert told.pop("ping_req") == request("ping_req")
    assert told.pop("ping") == b""
    assert set(told.values()) == {None}


@pytest.mark.parametrize(
    "message",
    [
        b"",
        request("ping_req") + request("simulate"),
        request("ping") + request("leave"),
        request("ping_req")[:-1],
        request("ping_req") + bytes(100),
    ],
)
def test_what_only_begins_as_a_ping_is_none(message: bytes) -> None:
    assert sign_of_life(message) is None


def test_what_nobody_knows_in_a_ping_goes_no_further() -> None:
    assert sign_of_life(request("ping_req") + UNKNOWN) == request("ping_req")


def test_who_enters_is_asked_for_signs_of_life_by_us() -> None:
    said = rtc.SignalResponse(join=rtc.JoinResponse(ping_interval=5, ping_timeout=15))

    passed = rtc.SignalResponse.FromString(server_message(said.SerializeToString()) or b"")

    assert (passed.join.ping_interval, passed.join.ping_timeout) == (PING_SECONDS, SILENT_SECONDS)


class Ears:
    """What a client hears, at once and otherwise."""

    def __init__(self) -> None:
        self.answered: list[int] = []

    def take(self, message: bytes) -> bool:
        told = rtc.SignalResponse.FromString(message)
        if told.WhichOneof("message") == "pong_resp":
            self.answered.append(told.pong_resp.last_ping_timestamp)
        return True

    async def hear(self, messages: AsyncIterator[bytes]) -> None:
        async for message in messages:
            self.take(message)

    async def until(self, count: int, engine: Engine) -> None:
        while len(self.answered) < count:
            await engine.presences("call-1")


def pings(upstream: Upstream, *moments: int) -> list[bool]:
    return [upstream.pass_sign_of_life(ping(at), lambda: True) for at in moments]


async def test_each_is_answered_by_the_engine(engine: Engine) -> None:
    ears = Ears()
    async with (
        asyncio.timeout(10),
        asyncio.TaskGroup() as tasks,
        engine.connect(seat(), query()) as upstream,
    ):
        tasks.create_task(ears.hear(upstream.messages()))
        passed = pings(upstream, 1, 2)
        await ears.until(2, engine)
        upstream.offer(ears.take)
        passed += pings(upstream, 3, 4)
        await ears.until(4, engine)

    assert passed == [True] * 4
    assert ears.answered == [1, 2, 3, 4]


async def test_one_too_many_and_any_other_message_are_not_passed(engine: Engine) -> None:
    async with asyncio.timeout(10), engine.connect(seat(), query()) as upstream:
        assert not upstream.pass_sign_of_life(ping(1), lambda: False)
        assert not upstream.pass_sign_of_life(request("leave"), lambda: True)
