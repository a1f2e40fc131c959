"""WebSocket messages that come as one short frame by itself, told apart without a parser (RFC 6455, section 5.2)."""

from collections.abc import Callable
from os import urandom
from types import GeneratorType
from typing import NamedTuple, TypeAlias

from websockets.protocol import Protocol
from websockets.streams import StreamReader
from websockets.utils import apply_mask

# Takes a message at once, or says that it does not.
Taker: TypeAlias = Callable[[bytes], bool]

# The first byte of a whole binary message, and of a pong; the second tells its size, or that the next
# two do, and whether it is masked, as what a client sends has to be.
_BINARY, _PONG, _MASKED, _SHORT, _TWO_BYTES, _EIGHT_BYTES = 0x82, 0x8A, 0x80, 125, 126, 127
_LONG_HEAD, _MASKED_HEAD = 4, 6
# A ping without a text, of a server.
EMPTY_PING = b"\x89\x00"
_BETWEEN_FRAMES = StreamReader.at_eof.__code__


def is_between(protocol: Protocol) -> bool:
    """Whether what comes next begins a frame: the reader waits for the first byte of one."""
    waits_in: object = protocol.parser
    while isinstance(waits_in, GeneratorType) and waits_in.gi_code is not _BETWEEN_FRAMES:
        waits_in = waits_in.gi_yieldfrom
    return waits_in is not None


def whole(data: bytes) -> bytes | None:
    """The message of a server that `data` consists of; None when it is anything but one whole, rather short one."""
    if len(data) < _LONG_HEAD or data[0] != _BINARY:
        return None
    size, at = data[1], 2
    if size == _TWO_BYTES:
        size, at = int.from_bytes(data[at:_LONG_HEAD]), _LONG_HEAD
    elif size > _SHORT:
        return None
    return data[at:] if len(data) == at + size else None


class Short(NamedTuple):
    """A whole short frame of a client: its message, or None of a pong, and what comes behind it."""

    message: bytes | None
    rest: bytes


def short(data: bytes) -> Short | None:
    """The binary message of at most 125 bytes, or the empty pong, that a client's `data` begins with; None of else."""
    if len(data) < _MASKED_HEAD:
        return None
    kind, size = data[0], data[1] - _MASKED
    end = _MASKED_HEAD + size
    if kind == _PONG and size == 0:
        return Short(None, data[end:])
    if kind != _BINARY or not 0 <= size <= _SHORT or len(data) < end:
        return None
    return Short(apply_mask(data[_MASKED_HEAD:end], data[2:_MASKED_HEAD]), data[end:])


def binary_head(size: int, *, masked: int = 0) -> bytes:
    """What stands before a whole binary message that a server sends, or before the mask of a client's."""
    if size <= _SHORT:
        return bytes((_BINARY, masked | size))
    if size < 1 << 16:
        return bytes((_BINARY, masked | _TWO_BYTES)) + size.to_bytes(2)
    return bytes((_BINARY, masked | _EIGHT_BYTES)) + size.to_bytes(8)


def client_message(message: bytes) -> bytes:
    """A whole binary message as a client sends it."""
    mask = urandom(4)
    return binary_head(len(message), masked=_MASKED) + mask + apply_mask(message, mask)


def client_pong() -> bytes:
    """A client's answer to an empty ping."""
    return bytes((_PONG, _MASKED)) + urandom(4)
