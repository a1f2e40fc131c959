"""Watches an engine that is no child of ours: whether it is there, answers, and is the same still.

One connection to it is kept, and asked on once a second. It ends with the engine's process, however
that ends, so a new engine is never taken for the old one.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import structlog

from openrooms.kernel.clock import Monotonic
from openrooms.media.beacon import Beacon
from openrooms.metrics import ENGINE_STARTS

log = structlog.get_logger(__name__)

ASK_SECONDS = 1.0
CONNECT_SECONDS = 2.0
RETRY_SECONDS = 0.25
# An engine that has not answered well for so long counts as away.
HUNG_SECONDS = 8.0
LONGEST_ANSWER = 64 * 1024
# It says that it leaves again and again; unsaid for so long, it has thought better of it.
LEAVING_SECONDS = 15.0
_QUESTION = b"GET / HTTP/1.1\r\nHost: engine\r\n\r\n"
WELL = 200


class Neighbour(Beacon):
    """The engine at a URL. Made by `watched`."""

    def __init__(self, url: str, monotonic: Monotonic) -> None:
        super().__init__()
        self._url = url
        self._monotonic = monotonic
        self._left_at: float | None = None

    @property
    def leaving(self) -> bool:
        """Whether it is about to end, and takes no new rooms."""
        said = self._left_at
        return said is not None and self._monotonic() - said < LEAVING_SECONDS

    def leave(self) -> None:
        """It says that it is about to end."""
        self._left_at = self._monotonic()

    async def keep(self, group: asyncio.TaskGroup) -> None:
        """Watch it for ever. Those who want to know of a new one are told in `group`."""
        self.put_out(self._nobody)
        while True:
            try:
                async with _connected(self._url) as (reader, writer):
                    await self._ask_on(reader, writer, group)
                self._lose("it hangs: it does not say that it is well")
            except (OSError, EOFError, ValueError):
                self._lose(self._nobody)
            await asyncio.sleep(RETRY_SECONDS)

    @property
    def _nobody(self) -> str:
        return f"nobody answers at {self._url}"

    async def _ask_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, group: asyncio.TaskGroup
    ) -> None:
        """Ask on one connection for as long as the engine is well. Raises when it breaks."""
        well_at, known = self._monotonic(), False
        while True:
            status = await _ask(reader, writer, HUNG_SECONDS - (self._monotonic() - well_at))
            if status == WELL:
                well_at = self._monotonic()
                if not known:
                    known = True
                    self._find(group)
            elif status is None or self._monotonic() - well_at >= HUNG_SECONDS:
                # Without an answer all of its time is over, whatever a finer clock says of the last moment;
                # what comes late would be taken for something else.
                return
            await _rest(reader)

    def _find(self, group: asyncio.TaskGroup) -> None:
        self._left_at = None
        self.light(self._url)
        ENGINE_STARTS.inc()
        log.info("engine_found", life=self.lives)
        group.create_task(self.tell())

    def _lose(self, trouble: str) -> None:
        if self.trouble is None:
            log.warning("engine_lost", trouble=trouble)
        self.put_out(trouble)


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    parts = urlsplit(url)
    async with asyncio.timeout(CONNECT_SECONDS):
        reader, writer = await asyncio.open_connection(
            parts.hostname, parts.port, limit=LONGEST_ANSWER
        )
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, within: float
) -> int | None:
    """The status with which the engine answers; None when it does not, in so many seconds."""
    writer.write(_QUESTION)
    try:
        async with asyncio.timeout(within):
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?im)^content-length: *([0-9]{1,5}) *\r$", head)
            if length is None:
                raise ValueError("an answer without a length")
            await reader.readexactly(int(length[1]))
    except TimeoutError:
        return None
    return int(head.split(b" ", 2)[1])


async def _rest(reader: asyncio.StreamReader) -> None:
    """Wait until it is time to ask again. Raises `EOFError` when the connection ends meanwhile."""
    try:
        async with asyncio.timeout(ASK_SECONDS):
            await reader.read(1)
    except TimeoutError:
        return
    raise EOFError


@asynccontextmanager
async def watched(url: str, monotonic: Monotonic) -> AsyncIterator[Neighbour]:
    """The engine at `url`, watched for as long as the context is open, there or not."""
    neighbour = Neighbour(url, monotonic)
    async with asyncio.TaskGroup() as group:
        keeper = group.create_task(neighbour.keep(group))
        try:
            yield neighbour
        finally:
            keeper.cancel()
