"""A WebSocket to the engine, whose messages can be had at once, without a task that runs for each.

In a full room most of what the engine says are short messages to everybody. Each comes as one whole
frame, by itself; everything else is the library's to read.
"""

from collections.abc import Callable
from types import GeneratorType
from typing import TypeAlias

from websockets.asyncio.client import ClientConnection
from websockets.frames import DATA_OPCODES, Frame
from websockets.protocol import Event
from websockets.streams import StreamReader

# Takes a message at once, or says that it cannot.
Taker: TypeAlias = Callable[[bytes], bool]

# The first byte of a whole binary message (RFC 6455, section 5.2); the second tells its size, or
# that the next two do.
_BINARY, _SHORT, _TWO_BYTES = 0x82, 125, 126
_LONG_HEAD = 4
_BETWEEN_FRAMES = StreamReader.at_eof.__code__


class EngineLine(ClientConnection):
    """The connection. `unread`: how many messages came that nobody has done with."""

    taker: Taker | None = None
    unread = 0

    def data_received(self, data: bytes) -> None:
        taker = self.taker
        if taker is not None and not self.unread and self._is_between():
            message = whole(data)
            if message is not None and taker(message):
                return
        super().data_received(data)

    def process_event(self, event: Event) -> None:
        if isinstance(event, Frame) and event.fin and event.opcode in DATA_OPCODES:
            self.unread += 1
        super().process_event(event)

    def _is_between(self) -> bool:
        """Whether what comes next begins a message: the reader waits for the first byte of one."""
        waits_in: object = self.protocol.parser
        while isinstance(waits_in, GeneratorType) and waits_in.gi_code is not _BETWEEN_FRAMES:
            waits_in = waits_in.gi_yieldfrom
        return waits_in is not None


def whole(data: bytes) -> bytes | None:
    """The message that `data` consists of; None when it is anything but one whole, rather short one."""
    if len(data) < _LONG_HEAD or data[0] != _BINARY:
        return None
    size, at = data[1], 2
    if size == _TWO_BYTES:
        size, at = int.from_bytes(data[at:_LONG_HEAD]), _LONG_HEAD
    elif size > _SHORT:
        return None
    return data[at:] if len(data) == at + size else None
