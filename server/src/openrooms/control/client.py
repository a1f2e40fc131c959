"""Asks a running server to carry out a command."""

import asyncio
from pathlib import Path

from openrooms.control.messages import (
    LONGEST_ANSWER,
    Facts,
    Garbled,
    Order,
    Refused,
    read_answer,
    write_order,
)

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 60.0


class NobodyThere(Exception):
    """No server listens: there is no socket, or one that a killed server has left behind."""


async def ask(path: Path, order: Order, *, within: float = ANSWER_SECONDS) -> Facts:
    """The result of a command. Raises `NobodyThere` or `Refused`."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await asyncio.open_unix_connection(str(path), limit=LONGEST_ANSWER)
    except (FileNotFoundError, ConnectionRefusedError):
        raise NobodyThere from None
    except (OSError, TimeoutError) as error:
        raise Refused(
            f"Control socket {path}: {error.strerror or 'no answer'}. "
            "Run the command as the user that runs the server."
        ) from error
    try:
        async with asyncio.timeout(within):
            writer.write(write_order(order))
            await writer.drain()
            line = await reader.readline()
        return read_answer(line)
    except (TimeoutError, OSError, ValueError, Garbled) as error:
        raise Refused(
            f"Control socket {path}: the server did not answer. "
            "Look whether the change is there before you ask again; the server's log says more."
        ) from error
    finally:
        writer.close()
