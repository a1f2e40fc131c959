"""Writing in one piece what is written in pieces: the head of an answer and its body."""

import asyncio
from typing import Any

# More than this does not wait for the end of a turn.
MOST_HELD = 64 * 1024


class JoinedTransport(asyncio.Transport):
    """A connection's transport that sends, once a turn of the loop, all that was written in it.

    A call to the system costs a small answer as much as half of the work for it, and the peer as
    much again.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._plain = transport
        self._loop = loop
        self._held: list[bytes] = []
        self._size = 0

    # Any wider type of the base class is never written here.
    def write(self, data: bytes) -> None:  # type: ignore[override]
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(data)
        self._size += len(data)
        if self._size > MOST_HELD:
            self._flush()

    def send(self, data: bytes) -> None:
        """Write something whole, at once."""
        if self._held:
            self._flush()
        if not self._plain.is_closing():
            self._plain.write(data)

    def _flush(self) -> None:
        """Send what is held."""
        if not self._held:
            return
        data = self._held[0] if len(self._held) == 1 else b"".join(self._held)
        self._held, self._size = [], 0
        if not self._plain.is_closing():
            self._plain.write(data)

    def close(self) -> None:
        self._flush()
        self._plain.close()

    def abort(self) -> None:
        self._held, self._size = [], 0
        self._plain.abort()

    def is_closing(self) -> bool:
        return self._plain.is_closing()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._plain.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        return self._size + self._plain.get_write_buffer_size()

    # Any: the base class says so.
    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - as above
        return self._plain.get_extra_info(name, default)
