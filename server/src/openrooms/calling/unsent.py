"""What waits to be sent to one client: bounded, for a client may read as slowly as it likes."""

import asyncio

from openrooms.calling import messages_wire, wire
from openrooms.calling.event_wire import Event

MOST_UNSENT = 1_000
# Bytes of the messages of others.
HEAVIEST_UNSENT = 4 * 1024 * 1024
# Behind so much a message that may be lost is.
MOST_BEFORE_LOSSY = 32
HEAVIEST_BEFORE_LOSSY = 256 * 1024


class Unsent:
    """Messages in their order, and the code with which the connection closes after them."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[wire.Answer | Event | int] = asyncio.Queue()
        self._weight = 0
        self._is_full = False

    def put(self, message: wire.Answer | Event | int) -> bool:
        """Add a message; False for the first that there is no place for. Codes always have one."""
        if isinstance(message, int):
            self._queue.put_nowait(message)
            return True
        if self._is_full:
            return True
        weight = _weight(message)
        if self._queue.qsize() >= MOST_UNSENT or self._weight + weight > HEAVIEST_UNSENT:
            self._is_full = True
            return False
        self._weight += weight
        self._queue.put_nowait(message)
        return True

    def offer(self, event: Event) -> bool:
        """Add an event that may be lost; False when it is, because too much waits."""
        if self._queue.qsize() >= MOST_BEFORE_LOSSY or self._weight > HEAVIEST_BEFORE_LOSSY:
            return False
        return self.put(event)

    async def get(self) -> wire.Answer | Event | int:
        """The next, as soon as there is one."""
        message = await self._queue.get()
        if not isinstance(message, int):
            self._weight -= _weight(message)
        return message


def _weight(message: wire.Answer | Event) -> int:
    return len(message.data) if isinstance(message, messages_wire.Data) else 0
