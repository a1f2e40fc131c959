"""A server tries by itself whether people could call, and says so; what it tries with is hidden."""

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from httpx2 import AsyncClient

from openrooms.app import open_site
from openrooms.config import Config

pytestmark = pytest.mark.anyio

ALERTS = Path(__file__).parents[3] / "docs" / "alerts.yml"
# Whoever waits here waits for other processes, on a machine that may be busy.
PATIENCE = 45
WELL = {"signalling": True, "media": True}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data=tmp_path / "data", https_port=0, http_port=0, media_port=0, probe_seconds=1)


@pytest.fixture
async def client(config: Config) -> AsyncIterator[AsyncClient]:
    async with open_site(config) as site, AsyncClient(base_url=site.browser_url) as opened:
        yield opened


async def health(client: AsyncClient, until: Callable[[Any], bool]) -> dict[str, Any]:
    """What is said of health once it is so."""
    async with asyncio.timeout(PATIENCE):
        while True:
            said: dict[str, Any] = (await client.get("/health")).json()
            if until(said):
                return said


def children(name: str) -> list[psutil.Process]:
    return [one for one in psutil.Process().children(recursive=True) if name in one.name()]


async def test_calls_are_tried_and_told_of(client: AsyncClient) -> None:
    said = await health(client, lambda said: bool(said["calls"]))

    metrics = (await client.get("/metrics")).text
    assert said["status"] == "ok"
    assert said["calls"] == WELL
    assert said["states"]["media"]["works"] is True
    assert 'openrooms_part_works{part="media"} 1.0' in metrics
    assert 'openrooms_probes_total{outcome="ok"}' in metrics
    # What the engine counts is on the same page, and each name once.
    asked = re.findall(r"livekit_\w+", ALERTS.read_text())
    assert asked
    for name in {*asked, "livekit_packet_total", "livekit_session_join_latency_ms_bucket"}:
        assert f"\n{name}{{" in metrics
    assert metrics.count("# TYPE process_cpu_seconds_total ") == 1


async def test_an_engine_that_stands_still_is_told_and_so_is_its_return(
    client: AsyncClient,
) -> None:
    await health(client, lambda said: said["calls"] == WELL)
    (engine,) = children("livekit-server")

    engine.send_signal(signal.SIGSTOP)
    bad = await health(client, lambda said: said["status"] != "ok")
    # It may have been ended for that meanwhile.
    with suppress(psutil.NoSuchProcess):
        engine.send_signal(signal.SIGCONT)
    good = await health(client, lambda said: said["calls"] == WELL)

    assert {"signalling", "engine", "media"} & set(bad["troubles"])
    assert good["status"] == "ok"


async def test_a_program_that_is_lost_is_started_again(client: AsyncClient) -> None:
    first = await health(client, lambda said: said["calls"] == WELL)
    (before,) = children("openrooms-probe")
    before.kill()

    def again(said: dict[str, Any]) -> bool:
        found = children("openrooms-probe")
        return said["calls"] == WELL and bool(found) and before not in found

    said = await health(client, again)

    assert said["states"]["media"]["since"] == first["states"]["media"]["since"]


async def test_nothing_is_left_of_it_when_the_server_ends(config: Config) -> None:
    async with open_site(config) as site, AsyncClient(base_url=site.browser_url) as client:
        await health(client, lambda said: said["calls"] == WELL)
        (probe,) = children("openrooms-probe")

    assert not probe.is_running()


async def test_switched_off_nothing_is_tried(tmp_path: Path) -> None:
    off = Config(data=tmp_path, https_port=0, http_port=0, media_port=0, probe_seconds=0)
    async with open_site(off) as site, AsyncClient(base_url=site.browser_url) as client:
        said = (await client.get("/health")).json()

    assert said["status"] == "ok"
    assert said["calls"] == {}
    assert children("openrooms-probe") == []
