"""The control socket of a running server: takes commands from whoever may open the data directory.

The socket is made for its owner alone (0600, in a directory of 0700): whoever can connect could
read the database and the master key as well.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog

from openrooms.control.address import PathTooLong, socket_path
from openrooms.control.messages import (
    LONGEST_LINE,
    Commands,
    Garbled,
    Refused,
    read_order,
    write_error,
    write_result,
)

LINE_SECONDS = 10.0
WORK_SECONDS = 30.0
MOST_CONNECTIONS = 16
FAILED = "The server failed at the command; its log says where."
LATE = "The server did not finish the command in time. Look whether the change is there."

log = structlog.get_logger(__name__)


@asynccontextmanager
async def taking_commands(folder: Path, commands: Commands) -> AsyncIterator[None]:
    """Carry out commands for as long as the context is open. The data directory must be held."""
    try:
        path = socket_path(folder)
    except PathTooLong as error:
        # Serving goes on; a command that looks for the socket says the same.
        log.warning("control_socket_off", why=str(error))
        yield
        return
    with _listening(path) as listener:
        server = await asyncio.start_unix_server(
            Desk(commands).serve, sock=listener, limit=LONGEST_LINE
        )
        try:
            yield
        finally:
            server.close()
            path.unlink(missing_ok=True)


class Desk:
    """Serves connections, each with any number of commands, one after the other."""

    def __init__(
        self,
        commands: Commands,
        *,
        line_seconds: float = LINE_SECONDS,
        most: int = MOST_CONNECTIONS,
    ) -> None:
        self._commands = commands
        self._line_seconds = line_seconds
        self._most = most
        self._open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open > self._most:
                writer.write(write_error("Too many commands at once. Try again."))
                return
            await self._serve(reader, writer)
        except (OSError, TimeoutError):
            # Gone, or silent for too long: nobody waits for an answer.
            return
        except Exception:
            log.exception("control_failed")
        finally:
            self._open -= 1
            await _close(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                async with asyncio.timeout(self._line_seconds):
                    line = await reader.readline()
            except ValueError:
                writer.write(write_error(f"A command has at most {LONGEST_LINE} bytes."))
                return
            if not line.endswith(b"\n"):
                return
            writer.write(await self._answer(line))
            async with asyncio.timeout(self._line_seconds):
                await writer.drain()

    async def _answer(self, line: bytes) -> bytes:
        try:
            order = read_order(line)
            command = self._commands.get(order.command)
            if command is None:
                raise Refused(f"Command {order.command[:80]!r}: the server does not know it.")
            async with asyncio.timeout(WORK_SECONDS):
                return write_result(await command(order.arguments))
        except Refused as refused:
            return write_error(str(refused))
        except Garbled as garbled:
            return write_error(f"A command is one JSON object on a line ({garbled}).")
        except TimeoutError:
            return write_error(LATE)
        except Exception:
            # The top of a command; what went wrong may hold secrets, so the log alone has it.
            log.exception("command_failed")
            return write_error(FAILED)


def _listening(path: Path) -> socket.socket:
    """The socket, for its owner alone from the first moment on."""
    # Whoever holds the data directory is the only server of it: what is there is left over.
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        path.chmod(0o600)
        # Nobody can connect before this.
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(1):
            await writer.wait_closed()
