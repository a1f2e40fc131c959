"""An engine that does not answer: one that hangs is started again, one that is busy has longer."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from tests.media.restarts import restarted

from openrooms.kernel.clock import monotonic
from openrooms.media.livekit.config import EngineSettings
from openrooms.media.process import BUSY_SECONDS, supervised

pytestmark = pytest.mark.anyio


async def test_an_engine_that_hangs_is_killed_and_started_again(
    settings: EngineSettings, binary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openrooms.media.process.HEALTH_SECONDS", 0.2)
    shift = 0.0

    def clock() -> float:
        return monotonic() + shift

    async with supervised(settings, binary=binary, folder=tmp_path, monotonic=clock) as running:
        first = running.pid
        assert first is not None
        again = await restarted(running)
        os.kill(first, signal.SIGSTOP)
        shift = 60.0
        async with asyncio.timeout(5):
            await again.wait()

        assert running.pid != first
        assert not psutil.pid_exists(first)


BUSY = """
import json, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Once(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

server = HTTPServer(("127.0.0.1", json.load(open(sys.argv[2]))["port"]), Once)
server.handle_request()
while True:
    pass
"""


async def test_an_engine_that_computes_has_longer_than_one_that_hangs(
    settings: EngineSettings,
    program: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HEALTH_SECONDS", "ASK_SECONDS"):
        monkeypatch.setattr(f"openrooms.media.process.{name}", 0.05)
    (tmp_path / "busy.py").write_text(BUSY)
    script = program(f'exec {sys.executable} {tmp_path / "busy.py"} "$@"')
    shift, looks = 0.0, 0

    def clock() -> float:
        nonlocal looks
        looks += 1
        return monotonic() + shift

    async with supervised(settings, binary=script, folder=tmp_path, monotonic=clock) as running:
        first, again = running.pid, await restarted(running)
        shift, looks = BUSY_SECONDS - 10, 0
        async with asyncio.timeout(5):
            while looks < 5:
                await asyncio.to_thread(os.sched_yield)
        assert running.pid == first
        shift = BUSY_SECONDS
        async with asyncio.timeout(5):
            await again.wait()

        assert running.pid != first
