"""What the engine counts, for those who collect what we count: on one page with it.

Each engine tells it at a port of loopback that was free, to who knows a password: both stand in its settings file.
"""

import asyncio
from pathlib import Path

import httpx2
import structlog

from openrooms.media.client import local_client
from openrooms.media.livekit.config import METRICS_USER, read_metrics_door

log = structlog.get_logger(__name__)

# A collector waits for ten seconds, and wants what we count in any case.
WITHIN_SECONDS = 2.0
LARGEST = 4 * 1024 * 1024
# Its own; that of its process and its runtime has names that ours has, too.
_OURS = (b"livekit_", b"# HELP livekit_", b"# TYPE livekit_")


async def figures(settings_file: Path) -> bytes:
    """The metrics of the engine with this settings file, in Prometheus' text form; empty when there is none."""
    try:
        door = read_metrics_door(await asyncio.to_thread(settings_file.read_bytes))
    except (OSError, ValueError, KeyError):
        return b""
    try:
        async with local_client(timeout=WITHIN_SECONDS) as client:
            answer = await client.get(
                f"http://127.0.0.1:{door.port}/metrics", auth=(METRICS_USER, door.password)
            )
    except httpx2.HTTPError:
        return b""
    if answer.status_code != httpx2.codes.OK or len(answer.content) > LARGEST:
        log.warning("engine_metrics_refused", status=answer.status_code)
        return b""
    lines = answer.content.split(b"\n")
    return b"".join(line + b"\n" for line in lines if line.startswith(_OURS))
