"""Reading from a TLS connection into memory that is there."""

import asyncio

LARGEST_READ = 64 * 1024


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
        self._protocol.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._protocol.connection_lost(exc)

    def eof_received(self) -> bool | None:
        return self._protocol.eof_received()

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()


def read_buffer() -> memoryview:
    """For the connections of one loop."""
    return memoryview(bytearray(LARGEST_READ))
