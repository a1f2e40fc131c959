"""A WebSocket to the engine, whose messages can be had at once, without a task that runs for each.

In a full room most of what the engine says are short messages to everybody. Each comes as one whole
frame, by itself; everything else is the library's to read.
"""

from websockets.asyncio.client import ClientConnection
from websockets.frames import DATA_OPCODES, Frame
from websockets.protocol import Event

from openrooms.kernel.websocket_frames import Taker, is_between, whole


class EngineLine(ClientConnection):
    """The connection. `unread`: how many messages came that nobody has done with."""

    taker: Taker | None = None
    unread = 0

    def data_received(self, data: bytes) -> None:
        taker = self.taker
        if taker is not None and not self.unread and is_between(self.protocol):
            message = whole(data)
            if message is not None and taker(message):
                return
        super().data_received(data)

    def process_event(self, event: Event) -> None:
        if isinstance(event, Frame) and event.fin and event.opcode in DATA_OPCODES:
            self.unread += 1
        super().process_event(event)
