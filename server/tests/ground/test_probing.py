"""A server tries by itself whether people could call, and says so; what it tries with is hidden."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from httpx2 import AsyncClient

from openrooms.app import open_site
from openrooms.calling.errors import SignedOut
from openrooms.calling.hidden import hidden_room
from openrooms.calling.model import Leg
from openrooms.config import Config
from openrooms.media.livekit.tokens import KeyPair
from openrooms.media.ways import Ways
from openrooms.probing import Prober, Surroundings

pytestmark = pytest.mark.anyio

# Whoever waits here waits for other processes, on a machine that may be busy.
PATIENCE = 45
WELL = {"signalling": True, "media": True}


class Nobody:
    """Legs of nobody."""

    database_is_away = False

    async def leg_of_ticket(self, ticket: str) -> Leg:
        raise SignedOut

    async def leg(self, leg_id: str) -> Leg | None:
        return None


@pytest.fixture
def period() -> int:
    """Short: who waits for a call that fails has not long to wait."""
    return 1


@pytest.fixture
def others() -> set[psutil.Process]:
    """What others have left running in this process, who are none of our business."""
    return children("livekit-server") | children("openrooms-probe")


@pytest.fixture
def config(tmp_path: Path, period: int, others: set[psutil.Process]) -> Config:
    return Config(
        data=tmp_path / "data",
        https_port=0,
        http_port=0,
        media_port=0,
        probe_seconds=period,
    )


@pytest.fixture
async def client(config: Config) -> AsyncIterator[AsyncClient]:
    async with (
        open_site(config) as site,
        AsyncClient(base_url=site.browser_url, timeout=PATIENCE) as opened,
    ):
        yield opened


async def health(client: AsyncClient, until: Callable[[Any], bool]) -> dict[str, Any]:
    """What is said of health once it is so."""
    async with asyncio.timeout(PATIENCE):
        while True:
            said: dict[str, Any] = (await client.get("/health")).json()
            if until(said):
                return said


async def page(client: AsyncClient, until: Callable[[str], bool]) -> str:
    """The page of metrics once it is so."""
    async with asyncio.timeout(PATIENCE):
        while True:
            text = (await client.get("/metrics")).text
            if until(text):
                return text


def children(name: str) -> set[psutil.Process]:
    found = set()
    for one in psutil.Process().children(recursive=True):
        # Some are on their way out.
        with suppress(psutil.NoSuchProcess):
            if name in one.name():
                found.add(one)
    return found


@pytest.mark.parametrize("period", [10])
async def test_calls_are_tried_and_told_of(client: AsyncClient) -> None:
    said = await health(client, lambda said: said["calls"] == WELL)

    # What the engine counts is on the same page, as soon as it has counted it, and each name once.
    asked = "\nlivekit_session_join_latency_ms_bucket{"
    metrics = await page(client, lambda text: asked in text)
    assert said["status"] == "ok"
    assert said["states"]["media"]["works"] is True
    assert 'openrooms_part_works{part="media"}' in metrics
    assert 'openrooms_probes_total{outcome="ok"}' in metrics
    assert metrics.count("# TYPE process_cpu_seconds_total ") == 1


async def test_an_engine_that_stands_still_is_told_and_so_is_its_return(
    client: AsyncClient, others: set[psutil.Process]
) -> None:
    await health(client, lambda said: said["calls"] == WELL)
    (engine,) = children("livekit-server") - others

    engine.send_signal(signal.SIGSTOP)
    bad = await health(client, lambda said: said["status"] != "ok")
    # It may have been ended for that meanwhile.
    with suppress(psutil.NoSuchProcess):
        engine.send_signal(signal.SIGCONT)
    good = await health(client, lambda said: said["calls"] == WELL)

    assert {"signalling", "engine", "media"} & set(bad["troubles"])
    assert good["status"] == "ok"


async def test_a_program_that_is_lost_is_started_again(
    client: AsyncClient, others: set[psutil.Process]
) -> None:
    await health(client, lambda said: said["calls"] == WELL)
    (before,) = children("openrooms-probe") - others
    before.kill()

    def again(said: dict[str, Any]) -> bool:
        found = children("openrooms-probe") - others
        return said["calls"] == WELL and bool(found) and before not in found

    said = await health(client, again)

    assert said["status"] == "ok"


async def test_nothing_is_left_of_it_when_the_server_ends(
    config: Config, others: set[psutil.Process]
) -> None:
    async with (
        open_site(config) as site,
        AsyncClient(base_url=site.browser_url, timeout=PATIENCE) as client,
    ):
        await health(client, lambda said: said["calls"] == WELL)
        (probe,) = children("openrooms-probe") - others

    assert not probe.is_running()


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ('{"fault": "media", "why": "no way"}', {"media": "no way"}),
        ('{"fault": "signalling", "why": "refused"}', {"signalling": "refused"}),
        (
            '{"fault": "media", "why": "no way", "admitted": 0.1}',
            {"signalling": None, "media": "no way"},
        ),
        (
            '{"fault": "media", "why": "not heard", "admitted": 0.1, "connected": 0.2}',
            {"signalling": None, "media": "not heard"},
        ),
        (
            '{"fault": "relay", "why": "no way", "admitted": 0.1, "connected": 0.2}',
            {"signalling": None, "media": None, "relay": "no way"},
        ),
        ("{}", {"signalling": None, "media": None, "relay": None}),
        ("nonsense", {}),
    ],
)
async def test_only_what_was_come_to_is_told_of(
    tmp_path: Path, said: str, found: dict[str, str | None]
) -> None:
    program = tmp_path / "probe"
    program.write_text(f"#!/bin/sh\nwhile read -r order; do echo '{said}'; done\n")
    program.chmod(0o700)
    around = Surroundings(
        gate="ws://127.0.0.1:9",
        ways=Ways(turn_port=9),
        keys=KeyPair("key", "s" * 40),
        away=lambda: False,
        lives=lambda: 1,
    )
    prober, looked = (
        Prober(hidden_room(Nobody()), around, program=program, period=0.1),
        asyncio.Event(),
    )

    async def look() -> None:
        looked.set()

    async with prober.running(look), asyncio.timeout(PATIENCE):
        await looked.wait()

    assert prober.found() == found


async def test_switched_off_nothing_is_tried(tmp_path: Path, others: set[psutil.Process]) -> None:
    off = Config(data=tmp_path, https_port=0, http_port=0, media_port=0, probe_seconds=0)
    async with (
        open_site(off) as site,
        AsyncClient(base_url=site.browser_url, timeout=PATIENCE) as client,
    ):
        said = (await client.get("/health")).json()

    assert said["status"] == "ok"
    assert said["calls"] == {}
    assert children("openrooms-probe") - others == set()
