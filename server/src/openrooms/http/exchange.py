"""A request to a server API on its connection: what uvicorn's cycle is to any other request.

The connection reads it and answers it by itself, with no ASGI in between: what most requests ask
for is at hand, so they are answered before anything else is read.
"""

import asyncio
from http import HTTPStatus
from typing import ClassVar, Protocol

from uvicorn.protocols.http.flow_control import FlowControl

from openrooms.http.apis import Apis, Reply
from openrooms.http.requests import Request

_STATUS_LINES = {
    int(status): f"HTTP/1.1 {status} {status.phrase}\r\n".encode("ascii") for status in HTTPStatus
}


class Line(Protocol):
    """The connection of an exchange."""

    flow: FlowControl

    def ask_for_body(self) -> None:
        """Tell a caller who waits for it that his body is wanted."""

    def reply(self, exchange: "Exchange", reply: Reply) -> None:
        """Send the answer."""


class Exchange:
    """One request and its answer.

    What uvicorn's connection asks of the newest cycle, or of one that waits in its line, stands
    here under the same names.
    """

    # Nobody waits for it: who waits is told by `abandon`.
    message_event: ClassVar[asyncio.Event] = asyncio.Event()

    __slots__ = (
        "_apis",
        "_arrival",
        "_begun",
        "_body",
        "_line",
        "_visit",
        "disconnected",
        "in_line",
        "is_whole",
        "keep_alive",
        "request",
        "response_complete",
    )

    def __init__(
        self,
        apis: Apis,
        request: Request,
        line: Line,
        *,
        client: tuple[str, int] | None,
        keep_alive: bool,
    ) -> None:
        self._apis = apis
        self._line = line
        self._visit = apis.meet(request, client)
        # In one piece: small parts would take many times their size.
        self._body = bytearray()
        # Whether all that is needed for an answer has come.
        self.is_whole = not request.needs_body
        self._arrival: asyncio.Future[None] | None = None
        self._begun = False
        self.request = request
        self.keep_alive = keep_alive
        self.disconnected = False
        # Behind others on its connection.
        self.in_line = False
        self.response_complete = False

    @property
    def response_started(self) -> bool:
        """An answer goes out in one piece."""
        return self.response_complete

    def take(self, part: bytes) -> int:
        """A part of the body; the size of all that is kept of it."""
        if not self.is_whole:
            self._body += part
        return len(self._body)

    def finish(self) -> None:
        """The body has come to its end."""
        self.is_whole = True
        if self._arrival is not None:
            self._arrive()

    def abandon(self) -> None:
        """Nobody is there any more to send the rest, or to read an answer."""
        if self.disconnected or self.response_complete:
            return
        self.disconnected = True
        if self._begun:
            self._arrive()
        else:
            self._apis.leave(self._visit)

    async def run_asgi(self, _app: object = None) -> None:
        """Answer the request, once it is whole and the caller reads."""
        self._begun, self.in_line = True, False
        try:
            if not self.is_whole:
                await self._wait()
            if self._line.flow.write_paused:
                await self._line.flow.drain()
        except (asyncio.CancelledError, GeneratorExit):
            self._apis.leave(self._visit)
            raise
        if self.disconnected:
            self._apis.leave(self._visit)
            return
        self.request.body = bytes(self._body)
        reply = await self._apis.answer(self.request, self._visit)
        if not self.disconnected:
            self._line.reply(self, reply)

    async def _wait(self) -> None:
        """Wait for the body."""
        if self.request.headers.get("expect", "").lower() == "100-continue":
            self._line.ask_for_body()
        # It was in line a moment ago.
        self._line.flow.resume_reading()
        self._arrival = asyncio.get_running_loop().create_future()
        await self._arrival

    def _arrive(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)


def encode_reply(reply: Reply, exchange: Exchange, date: bytes) -> bytes:
    """A whole answer."""
    end = b"\r\n" if exchange.keep_alive else b"connection: close\r\n\r\n"
    body = b"" if exchange.request.method == "HEAD" else reply.body
    status = _STATUS_LINES[reply.status]
    return b"".join((status, b"date: ", date, b"\r\n", reply.lines, end, body))
