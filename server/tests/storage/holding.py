"""A transaction that lasts as long as a test wants it to."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

from openrooms.storage.database import Connection


class Hold:
    """A transaction that holds the writer until it is told to go on."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go_on = threading.Event()

    def __call__(self, connection: Connection) -> None:
        self.begun.set()
        assert self.go_on.wait(timeout=5)

    async def wait_and(
        self,
        write: Callable[[Callable[[Connection], None]], Awaitable[None]],
        transaction: Callable[[Connection], None],
    ) -> None:
        """Write while the writer is held, and let it go on afterwards."""
        await asyncio.to_thread(self.begun.wait, 5)
        try:
            await write(transaction)
        finally:
            self.go_on.set()
