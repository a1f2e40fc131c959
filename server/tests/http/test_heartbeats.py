"""Peers that are not heard are pinged once, and given up when they do not answer; all others are left alone."""

import asyncio

import pytest

from openrooms.http.heartbeats import Heartbeats
from openrooms.http.limits import Limits
from openrooms.kernel.clock import monotonic

pytestmark = pytest.mark.anyio

IMPATIENT = Limits(ping_seconds=0.05, pong_seconds=0.05)


class Silent:
    """Somebody who says nothing."""

    def __init__(self) -> None:
        self.heard = 0.0
        self.pinged: float | None = None
        self.pings = 0
        self.gone = asyncio.Event()

    def ping(self) -> None:
        self.pings += 1

    def give_up(self) -> None:
        self.gone.set()


class Answering(Silent):
    """Somebody who answers pings, and says nothing else."""

    def ping(self) -> None:
        super().ping()
        self.heard, self.pinged = monotonic(), None


class Talking(Silent):
    """Somebody who talks all the time."""

    @property
    def heard(self) -> float:
        return monotonic()

    @heard.setter
    def heard(self, at: float) -> None:
        pass


async def test_who_is_silent_is_pinged_once_and_given_up(anyio_backend: str) -> None:
    heartbeats, silent = Heartbeats(IMPATIENT), Silent()

    heartbeats.add(silent)
    async with asyncio.timeout(10):
        await silent.gone.wait()

    assert silent.pings == 1


async def test_who_answers_or_talks_is_not_given_up_and_who_talks_is_not_even_asked(
    anyio_backend: str,
) -> None:
    heartbeats, answering, talking = Heartbeats(IMPATIENT), Answering(), Talking()
    heartbeats.add(answering)
    heartbeats.add(talking)
    async with asyncio.timeout(10):
        for _ in range(3):
            silent = Silent()
            heartbeats.add(silent)
            await silent.gone.wait()

    assert answering.pings
    assert not talking.pings
    assert not answering.gone.is_set()
    assert not talking.gone.is_set()


async def test_who_has_gone_is_asked_no_more_and_others_are(anyio_backend: str) -> None:
    heartbeats, early, late = Heartbeats(IMPATIENT), Silent(), Silent()
    heartbeats.add(early)
    heartbeats.discard(early)
    heartbeats.discard(early)

    heartbeats.add(late)
    async with asyncio.timeout(10):
        await late.gone.wait()

    assert not early.pings
    assert not early.gone.is_set()


async def test_who_was_not_heard_while_this_process_stood_still_has_time_to_answer(
    anyio_backend: str,
) -> None:
    heartbeats, silent = Heartbeats(IMPATIENT), Silent()
    heartbeats.add(silent)

    silent.heard -= 3_600
    async with asyncio.timeout(10):
        await silent.gone.wait()

    assert silent.pinged is not None
    assert monotonic() - silent.pinged >= IMPATIENT.pong_seconds / 2
