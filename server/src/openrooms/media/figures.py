"""What the engine counts, for those who collect what we count: on one page with it."""

import httpx2
import structlog

from openrooms.media.client import local_client

log = structlog.get_logger(__name__)

# A collector waits for ten seconds, and wants what we count in any case.
WITHIN_SECONDS = 2.0
LARGEST = 4 * 1024 * 1024
# Its own; that of its process and its runtime has names that ours has, too.
_OURS = (b"livekit_", b"# HELP livekit_", b"# TYPE livekit_")


async def figures(port: int) -> bytes:
    """The engine's metrics at a port of loopback, in Prometheus' text form; empty when there are none."""
    if not port:
        return b""
    try:
        async with local_client(timeout=WITHIN_SECONDS) as client:
            answer = await client.get(f"http://127.0.0.1:{port}/metrics")
    except httpx2.HTTPError:
        return b""
    if answer.status_code != httpx2.codes.OK or len(answer.content) > LARGEST:
        log.warning("engine_metrics_refused", status=answer.status_code)
        return b""
    lines = answer.content.split(b"\n")
    return b"".join(line + b"\n" for line in lines if line.startswith(_OURS))
