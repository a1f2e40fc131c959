"""The engine as a unit of its own: it takes its keys from the server's database, and drains."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from httpx2 import AsyncClient
from structlog.testing import capture_logs

from openrooms.app import open_site
from openrooms.config import BadSetting, Config
from openrooms.engine_part import Unit, check_unit, serve_engine
from openrooms.media.address import free_tcp_port
from openrooms.media.errors import EngineFailed

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(
        data=tmp_path / "data",
        https_port=0,
        http_port=free_tcp_port(),
        media_port=0,
        engine_url=f"http://127.0.0.1:{free_tcp_port()}",
        probe_seconds=0,
    )


@asynccontextmanager
async def unit(config: Config) -> AsyncIterator[asyncio.Future[Unit]]:
    """An engine that runs apart, asked to end when the block ends."""
    ready: asyncio.Future[Unit] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(serve_engine(config, ready.set_result))
        try:
            yield ready
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            await running


async def until_health_is(status: int, config: Config) -> dict[str, object]:
    url = f"http://127.0.0.1:{config.http_port}"
    async with AsyncClient(base_url=url) as client, asyncio.timeout(10):
        answer = await client.get("/health")
        while answer.status_code != status:
            answer = await client.get("/health")
    told: dict[str, object] = answer.json()
    return told


async def test_it_waits_for_the_server_to_make_its_keys_and_is_found_by_it(config: Config) -> None:
    async with unit(config) as ready, open_site(config):
        async with asyncio.timeout(10):
            started = await ready
        well = await until_health_is(200, config)
        url = f"http://127.0.0.1:{config.http_port}"
        async with AsyncClient(base_url=url) as client, asyncio.timeout(30):
            while "\nlivekit_" not in (await client.get("/metrics")).text:
                pass

    assert started.engine_url == config.engine_url
    assert started.media_port != 0
    assert well["parts"] == {"database": True, "engine": True}


async def test_a_server_starts_and_says_what_is_wrong_while_the_engine_is_away(
    config: Config,
) -> None:
    async with open_site(config):
        told = await until_health_is(503, config)

    assert told["parts"] == {"database": True, "engine": False}
    assert told["troubles"] == {"engine": f"nobody answers at {config.engine_url}"}


async def test_an_engine_that_waits_ends_when_it_is_told_to(config: Config) -> None:
    with capture_logs() as logged:
        async with unit(config) as ready, asyncio.timeout(10):
            while not logged:
                await asyncio.to_thread(os.sched_yield)

    assert [one["event"] for one in logged] == ["engine_waits_for_first_start_of_server"]
    assert not ready.done()


async def test_a_unit_needs_to_know_where_it_listens_and_where_it_reports_to(
    tmp_path: Path,
) -> None:
    with pytest.raises(BadSetting, match=r"engine_url: not set"):
        check_unit(Config(data=tmp_path))
    with pytest.raises(BadSetting, match=r"http_port: 0"):
        check_unit(Config(data=tmp_path, http_port=0, engine_url="http://127.0.0.1:7880"))


async def test_an_engine_that_cannot_start_says_why(config: Config, tmp_path: Path) -> None:
    async with open_site(config):
        pass
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho 'no such luck'\n")
    program.chmod(0o700)
    broken = Config(
        data=config.data, engine_url=config.engine_url, media_port=0, engine_binary=program
    )

    with pytest.raises(EngineFailed, match="no such luck"):
        await serve_engine(broken, lambda _unit: None)
