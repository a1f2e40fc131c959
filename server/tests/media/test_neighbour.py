"""An engine that is no child of ours: found, lost at once when it ends, and never taken for another."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from tests.media.listener import listening
from tests.media.restarts import restarted

from openrooms.kernel.clock import monotonic
from openrooms.media.errors import EngineAway
from openrooms.media.livekit.config import EngineSettings
from openrooms.media.neighbour import Neighbour, watched
from openrooms.media.process import Supervisor, supervised

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

PATIENCE = 10.0
NOT_WELL = b"HTTP/1.1 406 Not Acceptable\r\nContent-Length: 3\r\n\r\nold"
WELL = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"


@asynccontextmanager
async def beside(supervisor: Supervisor) -> AsyncIterator[Neighbour]:
    """A look at an engine that somebody else keeps."""
    async with watched(await supervisor.ready(within=PATIENCE), monotonic) as neighbour:
        yield neighbour


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.to_thread(os.sched_yield)


async def test_it_is_found_where_it_is(supervisor: Supervisor) -> None:
    async with beside(supervisor) as neighbour:
        found = await neighbour.ready(within=PATIENCE)

        assert found == await supervisor.ready(within=0)
        assert neighbour.trouble is None


async def test_another_engine_in_its_place_is_told_of(supervisor: Supervisor) -> None:
    async with beside(supervisor) as neighbour:
        await neighbour.ready(within=PATIENCE)
        again = await restarted(neighbour)
        assert supervisor.pid is not None

        os.kill(supervisor.pid, signal.SIGKILL)
        await until(lambda: neighbour.trouble is not None)

        # Its keeper chooses another port each time; one with a port of its own does not.
        assert not again.is_set()
        assert "nobody answers at http://127.0.0.1:" in str(neighbour.trouble)


async def test_one_that_keeps_its_port_is_found_again(
    settings: EngineSettings, binary: Path, tmp_path: Path, free_port: int
) -> None:
    async with (
        supervised(
            settings, binary=binary, folder=tmp_path, monotonic=monotonic, http_port=free_port
        ) as supervisor,
        beside(supervisor) as neighbour,
    ):
        await neighbour.ready(within=PATIENCE)
        again = await restarted(neighbour)
        assert supervisor.pid is not None

        os.kill(supervisor.pid, signal.SIGKILL)
        async with asyncio.timeout(PATIENCE):
            await again.wait()

        assert neighbour.lives == 2
        assert await neighbour.ready(within=0) == f"http://127.0.0.1:{free_port}"


async def test_one_that_is_not_there_is_waited_for(free_port: int) -> None:
    url = f"http://127.0.0.1:{free_port}"
    async with watched(url, monotonic) as neighbour:
        with pytest.raises(EngineAway):
            await neighbour.ready(within=0.1)
        assert neighbour.trouble == f"nobody answers at {url}"


async def test_one_that_hangs_is_away_until_it_answers_again(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openrooms.media.neighbour.HUNG_SECONDS", 0.3)
    monkeypatch.setattr("openrooms.media.neighbour.ASK_SECONDS", 0.1)
    async with beside(supervisor) as neighbour:
        await neighbour.ready(within=PATIENCE)
        assert supervisor.pid is not None

        os.kill(supervisor.pid, signal.SIGSTOP)
        try:
            await until(lambda: neighbour.trouble is not None)
            trouble = neighbour.trouble
        finally:
            os.kill(supervisor.pid, signal.SIGCONT)

        assert trouble == "it hangs: it does not say that it is well"
        assert await neighbour.ready(within=PATIENCE)


async def test_one_that_is_not_well_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openrooms.media.neighbour.HUNG_SECONDS", 0.1)
    monkeypatch.setattr("openrooms.media.neighbour.ASK_SECONDS", 0.05)
    async with AsyncExitStack() as stack:
        listener = await stack.enter_async_context(listening(NOT_WELL))
        url = listener.url.removesuffix("/engine/v1/events")
        neighbour = await stack.enter_async_context(watched(url, monotonic))
        await until(lambda: "hangs" in str(neighbour.trouble))
        listener.answers = (WELL,)

        assert await neighbour.ready(within=PATIENCE) == url


async def test_an_answer_that_is_none_is_no_engine() -> None:
    garbled = b"HTTP/1.1 200 OK\r\nServer: another\r\n\r\n"
    async with AsyncExitStack() as stack:
        listener = await stack.enter_async_context(listening(garbled))
        url = listener.url.removesuffix("/engine/v1/events")
        neighbour = await stack.enter_async_context(watched(url, monotonic))
        await listener.next()
        await listener.next()

        assert "nobody answers" in str(neighbour.trouble)


async def test_what_it_says_of_leaving_holds_for_a_while_and_for_it_alone(
    supervisor: Supervisor,
) -> None:
    shift = 0.0
    async with watched("http://127.0.0.1:1", lambda: monotonic() + shift) as neighbour:
        stays = neighbour.leaving
        neighbour.leave()
        leaves = neighbour.leaving
        shift = 60.0

        assert (stays, leaves, neighbour.leaving) == (False, True, False)
