"""Whole short frames are told apart as a parser does; anything else is left to one."""

import random
from collections.abc import Sequence

import pytest
from websockets.frames import BINARY, CONT, PING, PONG, TEXT, Frame
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from openrooms.kernel.websocket_frames import (
    binary_head,
    client_message,
    client_pong,
    is_between,
    short,
    whole,
)

SIZES = (0, 1, 2, 3, 125, 126, 127, 1_000, 65_535, 65_536)


def framed(frames: Sequence[Frame]) -> list[bytes]:
    """As a server sends them."""
    return [frame.serialize(mask=False) for frame in frames]


def binary(size: int) -> Frame:
    return Frame(BINARY, random.Random(size).randbytes(size))


@pytest.mark.parametrize("size", SIZES[3:-1])
def test_a_message_that_came_whole_is_found(size: int) -> None:
    (data,) = framed([binary(size)])

    assert whole(data) == binary(size).data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x82",
        b"\x82\x05ab",
        b"\x82\x01a\x82",
        framed([binary(10), binary(10)])[0] + b"\x82",
        *framed([Frame(TEXT, b"text"), Frame(PING, b"ping"), Frame(BINARY, b"half", fin=False)]),
        *framed([binary(65_536)]),
        Frame(BINARY, b"masked").serialize(mask=True),
    ],
)
def test_anything_else_is_not_taken_for_one(data: bytes) -> None:
    assert whole(data) is None


@pytest.mark.parametrize("size", SIZES)
def test_a_head_is_that_of_a_parser(size: int) -> None:
    frame = binary(size)

    assert binary_head(size) + bytes(frame.data) == frame.serialize(mask=False)


@pytest.mark.parametrize("size", SIZES)
def test_what_a_client_says_is_read_by_a_parser(size: int) -> None:
    parser = ServerProtocol(state=OPEN)
    frame = binary(size)

    parser.receive_data(client_message(bytes(frame.data)) + client_pong())

    assert parser.events_received() == [frame, Frame(PONG, b"")]


@pytest.mark.parametrize("size", [0, 1, 7, 8, 124, 125])
@pytest.mark.parametrize("rest", [b"", b"x", bytes(300)])
def test_a_short_message_of_a_client_is_found_with_what_comes_behind_it(
    size: int, rest: bytes
) -> None:
    frame = binary(size)

    assert short(frame.serialize(mask=True) + rest) == (frame.data, rest)


def test_a_pong_is_found() -> None:
    assert short(Frame(PONG, b"").serialize(mask=True) + b"next") == (None, b"next")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x82",
        binary(3).serialize(mask=False),
        binary(20).serialize(mask=True)[:-1],
        binary(126).serialize(mask=True),
        # A reserved bit.
        b"\xc2" + binary(3).serialize(mask=True)[1:],
        *(
            frame.serialize(mask=True)
            for frame in (
                Frame(TEXT, b"text"),
                Frame(PING, b""),
                Frame(PONG, b"with data"),
                Frame(BINARY, b"half", fin=False),
                Frame(CONT, b"half"),
            )
        ),
    ],
)
def test_anything_else_of_a_client_is_left_to_the_parser(data: bytes) -> None:
    assert short(data) is None


def test_within_a_frame_nothing_begins() -> None:
    parser = ServerProtocol(state=OPEN)
    frame = binary(10).serialize(mask=True)

    seen = [is_between(parser)]
    for at in range(len(frame)):
        parser.receive_data(frame[at : at + 1])
        seen.append(is_between(parser))

    assert seen == [True, *[False] * (len(frame) - 1), True]
