"""A real engine for each test that asks for one."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tests.media.listener import Listener, listening

import openrooms_engine
from openrooms.kernel.clock import monotonic, system_clock
from openrooms.media.address import free_tcp_port
from openrooms.media.livekit.adapter import LiveKitEngine, livekit_engine
from openrooms.media.livekit.config import EngineSettings
from openrooms.media.livekit.tokens import KeyPair
from openrooms.media.process import Supervisor, supervised


@pytest.fixture
def keys() -> KeyPair:
    return KeyPair("key-of-the-engine", "a secret of more than thirty-two characters")


@pytest.fixture(scope="session")
def binary() -> Path:
    return openrooms_engine.binary()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    """Where the engine reports to."""
    async with listening() as opened:
        yield opened


@pytest.fixture
def free_port() -> int:
    """A TCP port of loopback that nobody listens on."""
    return free_tcp_port()


@pytest.fixture
def settings(keys: KeyPair, listener: Listener) -> EngineSettings:
    return EngineSettings(keys=keys, webhook_url=listener.url, media_port=0)


@pytest.fixture
async def supervisor(
    settings: EngineSettings, binary: Path, tmp_path: Path
) -> AsyncIterator[Supervisor]:
    """A running engine."""
    async with supervised(settings, binary=binary, folder=tmp_path, monotonic=monotonic) as running:
        yield running


@pytest.fixture
async def engine(supervisor: Supervisor, keys: KeyPair) -> AsyncIterator[LiveKitEngine]:
    """The adapter on it."""
    async with livekit_engine(supervisor, keys, system_clock) as made:
        yield made


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a shell program that stands in for the engine."""

    def make(lines: str) -> Path:
        path = tmp_path / "program"
        path.write_text(f"#!/bin/sh\n{lines}\n")
        path.chmod(0o700)
        return path

    return make
