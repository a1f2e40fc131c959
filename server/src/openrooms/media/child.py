"""One run of the engine as a child that cannot outlive us.

A shell stands between: it reads a pipe of which only we hold the other end, and kills the engine
when the pipe ends, which it does however we end. (A parent-death signal would fire when the
*thread* that started the engine ends, and not every system has one.)
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

LONGEST_LINE = 64 * 1024
PID_SECONDS = 5.0
END_SECONDS = 2.0
# By how many percent the heap of a Go program grows until its garbage is collected. With Go's own 100, a full
# room's sound stands still half as long again, and more often; the price is some megabytes.
ENVIRONMENT = {"GOGC": "200"}
_RUNNABLE = "R"

# $@ is the command. Its first line of output is its own process id. 3 is the lifetime pipe; the
# engine does not get it. The reader is killed once the engine is gone, so that it can never kill
# another process that got the same id later. Both are waited for: not every system's first process
# collects what orphans leave.
_SHELL = """
exec 3<&0 </dev/null
/bin/sh -c 'echo "$$"; exec "$@"' sh "$@" 3<&- &
engine=$!
{ read -r _ <&3; kill -KILL "$engine"; } >/dev/null 2>&1 &
reader=$!
exec 3<&- 2>/dev/null
wait "$engine"
kill -KILL "$reader"
wait "$reader"
"""


class Child:
    """A running engine. Made by `start_child`; ends with `end`, or by itself."""

    def __init__(self, process: asyncio.subprocess.Process, pid: int) -> None:
        self._process = process
        self._ended = False
        self.pid = pid

    async def lines(self) -> AsyncIterator[bytes]:
        """What it writes, line by line, until it is gone. Overlong lines are cut."""
        output = self._process.stdout
        rest = b""
        while output is not None and (read := await output.read(LONGEST_LINE)):
            *lines, rest = (rest + read).split(b"\n")
            for line in lines:
                yield line[:LONGEST_LINE]
            rest = rest[-LONGEST_LINE:]
        if rest:
            yield rest

    async def gone(self) -> None:
        """Return once it has ended."""
        await self._process.wait()

    def is_at_work(self) -> bool:
        """Whether it computes now, or waits for nothing but a processor. False where the system does not tell."""
        try:
            tasks = list(Path(f"/proc/{self.pid}/task").iterdir())
            return any(_state(task / "stat") == _RUNNABLE for task in tasks)
        except (OSError, IndexError):
            return False

    async def end(self) -> None:
        """End it at once, and return with nothing of it left. Twice is harmless."""
        if self._ended:
            return
        if self._process.stdin is not None:
            self._process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                await self._process.wait()
        # Whatever is left of its group: the shell may have been stopped, or killed alone.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        await self._drain()
        self._ended = True

    async def _drain(self) -> None:
        """Read what is left unread: its pipe closes at its end alone."""
        output = self._process.stdout
        # Somebody else may be reading; then it is him who comes to the end.
        with contextlib.suppress(TimeoutError, RuntimeError):
            async with asyncio.timeout(END_SECONDS):
                while output is not None and await output.read(LONGEST_LINE):
                    pass


def _state(path: Path) -> str:
    # After the name, which is in parentheses and may hold anything.
    return path.read_text().rpartition(")")[2].split()[0]


async def start_child(command: Sequence[str | Path]) -> Child:
    """Start a command. Raises `OSError` when that is impossible.

    It gets nothing of our environment: the engine reads settings from there, over its file's.
    """
    process = await asyncio.create_subprocess_exec(
        "/bin/sh",
        "-c",
        _SHELL,
        "engine",
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=ENVIRONMENT,
        # A group of its own: Ctrl-C reaches us alone.
        start_new_session=True,
    )
    child = Child(process, process.pid)
    try:
        async with asyncio.timeout(PID_SECONDS):
            first = await process.stdout.readline() if process.stdout is not None else b""
            child.pid = int(first)
    except (TimeoutError, ValueError):
        await child.end()
        raise OSError("the shell around it does not work") from None
    except asyncio.CancelledError:
        await child.end()
        raise
    return child
