"""A TLS connection that keeps little memory: what is read and written goes through it in small portions."""

import asyncio
from typing import Any, cast

LARGEST_READ = 64 * 1024
LARGEST_WRITE = 4 * 1024


class Filled(asyncio.BufferedProtocol):
    """Hands a protocol what comes, read into a buffer that all connections of a loop share.

    By itself the loop asks TLS for a quarter of a megabyte of new memory with each read, which the system has
    to find and to clear; a page of it is used, and as long as what was read is kept.
    """

    def __init__(self, protocol: asyncio.Protocol, buffer: memoryview) -> None:
        self._protocol = protocol
        self._buffer = buffer

    def over(self, protocol: asyncio.Protocol) -> "Filled":
        """The same for another protocol, which takes the connection over."""
        return Filled(protocol, self._buffer)

    def get_buffer(self, _sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._protocol.data_received(bytes(self._buffer[:nbytes]))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        portioned = Portioned(cast("asyncio.Transport", transport))
        self._protocol.connection_made(cast("asyncio.BaseTransport", portioned))

    def connection_lost(self, exc: Exception | None) -> None:
        self._protocol.connection_lost(exc)

    def eof_received(self) -> bool | None:
        return self._protocol.eof_received()

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()


class Portioned:
    """A transport that is written to in small portions, and otherwise as it is.

    OpenSSL encrypts what is written into a buffer that grows to hold it, and never shrinks: one answer
    that names all of a full room would cost its connection a hundred kilobytes for hours.
    """

    __slots__ = ("_transport", "is_closing")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        if len(data) <= LARGEST_WRITE:
            self._transport.write(data)
            return
        view = memoryview(data)
        for at in range(0, len(data), LARGEST_WRITE):
            self._transport.write(view[at : at + LARGEST_WRITE])

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else a transport can
        return getattr(self._transport, name)


def read_buffer() -> memoryview:
    """For the connections of one loop."""
    return memoryview(bytearray(LARGEST_READ))
