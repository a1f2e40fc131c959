"""The operator's own certificate: shown by our listeners, and read anew when its files change.

Connections that are open keep what they began with; who connects later sees the new one.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from openrooms.http.certificates import CertificateFiles, CertificatesUnusable

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
Stamp = tuple[tuple[int, int, int], ...]


class GivenCertificates:
    """A certificate that somebody else renews. Raises `CertificatesUnusable` when it is none."""

    def __init__(self, files: CertificateFiles) -> None:
        self._files = files
        self._seen = self._stamp()
        self.context = files.context

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Look at the files for as long as the context is open."""
        async with asyncio.TaskGroup() as tasks:
            watcher = tasks.create_task(self._watch())
            try:
                yield
            finally:
                watcher.cancel()

    async def _watch(self) -> None:
        tried = self._seen
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = await asyncio.to_thread(self._stamp)
            if now == tried:
                continue
            # One file may be new and the other not yet: when that is, too, it is tried again.
            tried = now
            try:
                # Tried apart first: what does not fit together would leave the listener without either.
                await asyncio.to_thread(lambda: self._files.context)
                # On the loop: no connection may begin between the certificate and its key.
                self._files.load_into(self.context)
            except CertificatesUnusable as error:
                log.warning("certificate_not_changed", why=str(error))
            else:
                log.info("certificate_changed")

    def _stamp(self) -> Stamp:
        found = []
        for path in (self._files.chain, self._files.key):
            try:
                told = path.stat()
                # Its change time tells of new rights, too.
                found.append((told.st_ino, told.st_ctime_ns, told.st_size))
            except OSError:
                found.append((0, 0, 0))
        return tuple(found)
