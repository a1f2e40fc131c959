"""The program that has a call with itself through the gate: kept ready, and told to, time and again.

It reads orders from its standard input and ends with it, so it cannot outlive us. It gets nothing of
our environment, and tickets by that pipe alone.
"""

import asyncio
import json
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from openrooms.media.address import local_address
from openrooms.media.child import LONGEST_LINE
from openrooms.media.ways import Ways, at

# What it may take longer than it was told to, on a machine that is busy.
SLACK_SECONDS = 2.0
END_SECONDS = 1.0
STEPS = ("admitted", "connected", "heard")
# How much of what it says is passed on.
LONGEST_WHY = 500


_BROKEN = (
    # It cannot be started, or has ended, or says nothing in time.
    OSError,
    EOFError,
    TimeoutError,
    # It says what it should not.
    asyncio.LimitOverrunError,
    ValueError,
    TypeError,
    AttributeError,
)


class ProbeBroken(Exception):
    """The program itself does not do what it should: that says nothing about calls."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one call. `fault`: the part that is to blame, and `why`; empty when all went well.

    `seconds`: from the beginning to each of `STEPS` that was reached.
    """

    fault: str = ""
    why: str = ""
    seconds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Way:
    """How the program reaches gate, engine and relay. `user`, `password`: for the relay, if there is one."""

    gate: str
    ways: Ways
    user: str = ""
    password: str = field(default="", repr=False)

    def order(self, tickets: Sequence[str], *, seconds: float) -> bytes:
        """One line. Raises `EngineFailed` when nothing leads from this machine to the engine's media."""
        told, reached = self.ways.address, local_address(self.ways.address)
        speaker, listener = tickets
        given: dict[str, Any] = {
            "gate": self.gate,
            "speaker": speaker,
            "listener": listener,
            "seconds": seconds,
            "told": told,
            "reached": reached,
        }
        # In UDP alone: in TLS the certificate names us as browsers know us, not as we reach ourselves.
        if self.ways.turn_port:
            url = f"turn:{at(reached, self.ways.turn_port)}?transport=udp"
            given["relay"] = {"url": url, "user": self.user, "credential": self.password}
        return json.dumps(given).encode() + b"\n"


class Probe:
    """The program, started when it is needed and not there. Close it at the end."""

    def __init__(self, program: Path) -> None:
        self._program = program
        self._process: Process | None = None

    async def call(self, order: bytes, *, seconds: float) -> Outcome:
        """Have one call. Raises `ProbeBroken`."""
        try:
            async with asyncio.timeout(seconds + SLACK_SECONDS):
                return _read(await self._ask(order))
        except _BROKEN as error:
            await self.close()
            raise ProbeBroken(f"{type(error).__name__}: {error}") from error
        except asyncio.CancelledError:
            await self.close()
            raise

    async def _ask(self, order: bytes) -> bytes:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                self._program,
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                env={},
                start_new_session=True,
            )
        if process.stdin is None or process.stdout is None:
            raise OSError("it has no pipes")
        process.stdin.write(order)
        await process.stdin.drain()
        return await process.stdout.readuntil(b"\n")

    async def close(self) -> None:
        """End it, and return with nothing of it left."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                await process.wait()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        # Its pipe closes at its end alone.
        while process.stdout is not None and await process.stdout.read(LONGEST_LINE):
            pass


def _read(line: bytes) -> Outcome:
    said = json.loads(line)
    seconds = {step: float(said[step]) for step in STEPS if step in said}
    return Outcome(str(said.get("fault", "")), str(said.get("why", ""))[:LONGEST_WHY], seconds)
