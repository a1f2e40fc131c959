"""Ending a WebSocket: the close codes of both sockets, and how a connection's tasks say which."""

import asyncio
from typing import TypeVar

from starlette.websockets import WebSocket, WebSocketDisconnect

from openrooms.calling.vitals import Link

DONE = 1000
KEEPALIVE_LOST = 1011
GOING_AWAY = 1012
REPLACED = 4001
NOT_ALLOWED = 4400
SIGNED_OUT = 4401
LEG_OVER = 4403
TOO_MUCH = 4429

E = TypeVar("E", bound=BaseException)


class Closing(Exception):
    """Ends the connection with a close code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def first_of(group: BaseExceptionGroup[E]) -> E:
    """The first exception of a group, however deep it lies."""
    error: BaseExceptionGroup[E] | E = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def strongest(group: BaseExceptionGroup[Closing]) -> int:
    """The close code to use when several tasks end at once: a verdict before a mere going away."""
    own = [error.code for error in group.exceptions if isinstance(error, Closing)]
    return max(own, default=GOING_AWAY)


def link_after(gone: WebSocketDisconnect) -> Link:
    """Whether the peer closed the connection, or just fell silent."""
    return Link.LOST if gone.code in {KEEPALIVE_LOST, GOING_AWAY} else Link.CLOSED


async def close(websocket: WebSocket, code: int) -> None:
    """Close from our side. Harmless when the peer was faster."""
    try:
        async with asyncio.timeout(1):
            await websocket.close(code)
    except (RuntimeError, WebSocketDisconnect, TimeoutError):
        return
