"""A WebSocket to the engine, whose messages can be had at once, without a task that runs for each.

In a full room most of what the engine says are short messages to everybody. Each comes as one whole
frame, by itself; everything else is the library's to read. What we say at once is short as well.
"""

from websockets.asyncio.client import ClientConnection
from websockets.frames import DATA_OPCODES, Frame
from websockets.protocol import Event, State

from openrooms.kernel.websocket_frames import (
    EMPTY_PING,
    Taker,
    client_message,
    client_pong,
    is_between,
    whole,
)


class EngineLine(ClientConnection):
    """The connection. `unread`: how many messages came that nobody has done with."""

    taker: Taker | None = None
    unread = 0

    def data_received(self, data: bytes) -> None:
        if data == EMPTY_PING and is_between(self.protocol):
            self._write(client_pong())
            return
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

    def send_at_once(self, message: bytes) -> None:
        """Send a binary message; nothing when the connection is over."""
        self._write(client_message(message))

    def _write(self, frame: bytes) -> None:
        if self.protocol.state is State.OPEN and not self.transport.is_closing():
            self.transport.write(frame)
