"""Keeps the relay running: the TURN server beside the engine, for browsers that cannot reach it.

Calls go on without it for everyone who does not need it, so a relay that is lost is a line in the log,
and is started again.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from openrooms.kernel.files import write_private
from openrooms.media.address import local_address
from openrooms.media.child import Child, start_child
from openrooms.media.livekit.output import Listener
from openrooms.media.ways import Ways, at

log = structlog.get_logger(__name__)

SETTINGS_FILE = "relay.json"
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 30.0
READY = "ready"


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """What the relay is told. The files of its certificate may come, and change, while it runs."""

    ways: Ways
    secret: str = field(repr=False)
    certificate: Path
    key: Path

    def render(self) -> str:
        """The file's text. Raises `EngineFailed` when this machine has no address for the engine."""
        ways = self.ways
        everywhere = "::" if ":" in ways.address else "0.0.0.0"  # noqa: S104 - by --public-host
        return json.dumps(
            {
                "secret": self.secret,
                "udp": at(everywhere, ways.turn_port) if ways.turn_port else "",
                "tls": at(everywhere, ways.turn_tls_port) if ways.turn_tls_port else "",
                "certificate": str(self.certificate),
                "key": str(self.key),
                "peer": at(ways.address, ways.media_port),
                "engine": at(local_address(ways.address), ways.media_port),
            }
        )


@asynccontextmanager
async def relayed(
    settings: Callable[[], Awaitable[RelaySettings]], *, binary: Path, folder: Path
) -> AsyncIterator[None]:
    """A relay that is kept running for as long as the context is open.

    `settings` are awaited before it is started; its file is kept in `folder`.
    """
    async with asyncio.TaskGroup() as group:
        keeper = group.create_task(_keep(settings, binary=binary, folder=folder))
        try:
            yield
        finally:
            keeper.cancel()


async def _keep(
    settings: Callable[[], Awaitable[RelaySettings]], *, binary: Path, folder: Path
) -> None:
    pause = FIRST_PAUSE
    while True:
        told = await settings()
        path = folder / SETTINGS_FILE
        try:
            await asyncio.to_thread(write_private, path, told.render().encode())
            child = await start_child((binary, path))
        except OSError as error:
            log.error("relay_failed", reason=str(error))  # noqa: TRY400 (no stack needed)
        else:
            was_ready = await _live(child, Listener([told.secret]))
            pause = FIRST_PAUSE if was_ready else pause
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


async def _live(child: Child, listener: Listener) -> bool:
    """One life of a relay; whether it ever was ready."""
    was_ready = False
    try:
        async for line in child.lines():
            said = listener.read(line)
            if said.text == READY:
                was_ready = True
                log.info("relay_ready")
            else:
                log.warning("relay_said", text=said.text, **said.fields)
    finally:
        await child.end()
    log.warning("relay_lost")
    return was_ready
