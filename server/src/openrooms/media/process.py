"""Keeps the engine running as a child of ours: starts it, watches it, starts it again.

Our own stop ends no call as long as the caller cuts its gate sockets first: the engine is killed
without a word, so clients come back and find their rooms.
"""

import asyncio
import os
import tempfile
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from openrooms.kernel.clock import Monotonic
from openrooms.kernel.ids import new_secret
from openrooms.media.address import claim_udp_port, free_tcp_port
from openrooms.media.beacon import Beacon
from openrooms.media.child import Child, start_child
from openrooms.media.errors import EngineFailed
from openrooms.media.livekit.config import EngineSettings, MetricsDoor, render
from openrooms.media.livekit.output import Listener, Said
from openrooms.metrics import ENGINE_STARTS

log = structlog.get_logger(__name__)

START_SECONDS = 20.0
# More than two starts take; whatever keeps the first engine from running says so itself.
FIRST_SECONDS = 60.0
POLL_SECONDS = 0.02
# How often it is asked whether it is well, and for how long its answer is waited for.
ASK_SECONDS = 2.0
HEALTH_SECONDS = 2.0
# Node statistics are written each 2 s and count as old after 4; a machine under load may miss some.
HUNG_SECONDS = 8.0
# One that computes, or only waits for a processor, does not hang: to start it again ends all media there is,
# and makes more work.
BUSY_SECONDS = 30.0
# An engine that is lost is back at once, however often somebody ends it; one that ends by itself
# again and again is not given all of the machine.
QUICK_STARTS = 20
QUICK_PAUSE = 0.1
SLOW_PAUSE = 30.0
# One that does not even come up is waited for twice as long each time.
MOST_DOUBLINGS = 20
# A life of this length gives all quick starts back.
WELL_SECONDS = 60.0
LINES_KEPT = 20
SETTINGS_FILE = "engine.yaml"
_LOST = "it ended, or hung"


class _PortTaken(EngineFailed):
    """Another program took a port between our look at it and the engine's."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one process of the engine is started with."""

    command: tuple[str | Path, ...]
    url: str


@dataclass(slots=True)
class _Failures:
    """The engines that were lost or did not come up, one after the other, and what that means."""

    count: int = 0
    vain: int = 0  # how many of the last never came up

    def forget(self) -> None:
        self.count = self.vain = 0

    def add(self, *, came_up: bool) -> float:
        """One more; gives the seconds until the next may be started."""
        self.count += 1
        self.vain = 0 if came_up else self.vain + 1
        if self.count > QUICK_STARTS:
            return SLOW_PAUSE
        return float(min(QUICK_PAUSE * 2 ** min(self.vain, MOST_DOUBLINGS), SLOW_PAUSE))

    def told(self, reason: str) -> str:
        return reason if self.count == 1 else f"{reason} ({self.count} times in a row)"


class Supervisor(Beacon):
    """A running engine, always the newest one. Made by `supervised`."""

    def __init__(
        self,
        settings: EngineSettings,
        *,
        binary: Path,
        folder: Path,
        monotonic: Monotonic,
        http_port: int | None = None,
    ) -> None:
        super().__init__()
        self._settings = settings
        self._binary = binary
        self._folder = folder
        self._monotonic = monotonic
        self._http_port = http_port
        self._listener = Listener([settings.keys.secret, settings.keys.key])
        self._said: deque[Said] = deque(maxlen=LINES_KEPT)
        self._child: Child | None = None
        self._failures = _Failures()

    @property
    def pid(self) -> int | None:
        """The engine's own process id, while there is one."""
        return None if self._child is None else self._child.pid

    @property
    def media_port(self) -> int:
        """The UDP port that media goes to: once the engine runs, never 0."""
        return self._settings.media_port

    async def came_up(self) -> None:
        """Return once the first engine is ready."""
        await self.ready(within=FIRST_SECONDS)

    async def keep(self) -> None:
        """Keep an engine running until cancelled. Raises `EngineFailed` if the first never runs."""
        failures = self._failures
        while True:
            begun, lives = self._monotonic(), self.lives
            try:
                await self._live()
                log.warning("engine_lost")
                reason = _LOST
            except EngineFailed as error:
                if lives == 0 and (failures.count > 0 or not isinstance(error, _PortTaken)):
                    raise
                reason = str(error)
                log.error("engine_failed", reason=reason)  # noqa: TRY400 (no stack needed)
            if self._monotonic() - begun >= WELL_SECONDS:
                failures.forget()
            pause = failures.add(came_up=self.lives > lives)
            self.put_out(failures.told(reason))
            await asyncio.sleep(pause)

    async def _live(self) -> None:
        """One life of an engine, from its start until it is gone or hangs."""
        plan = await asyncio.to_thread(self._prepare)
        self._said.clear()
        try:
            self._child = child = await start_child(plan.command)
        except OSError as error:
            raise EngineFailed(f"the media engine cannot be started: {error}") from error
        is_up = False
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen(child))
                lost = group.create_task(child.gone())
                is_up = await self._comes_up(plan.url, lost)
                if is_up:
                    telling = self._announce(plan.url, group)
                    await self._until_lost(child, plan.url, lost)
                    telling.cancel()
                self.put_out(_LOST)
                await child.end()
        finally:
            self.put_out(_LOST)
            self._child = None
            await child.end()
        if not is_up:
            raise self._failure()

    def _prepare(self) -> Plan:
        """Choose ports and write the settings file."""
        settings = self._settings
        port, is_own = claim_udp_port(settings.address, settings.media_port)
        http_port = self._http_port or free_tcp_port()
        self._settings = settings = replace(settings, media_port=port)
        metrics = MetricsDoor(free_tcp_port(), new_secret())
        text = render(settings, http_port=http_port, metrics=metrics, is_own_address=is_own)
        path = self._folder / SETTINGS_FILE
        try:
            # Made for its owner alone, and never half there.
            handle, partial = tempfile.mkstemp(dir=self._folder)
            with os.fdopen(handle, "w") as file:
                file.write(text)
            Path(partial).replace(path)
        except OSError as error:
            raise EngineFailed(f"cannot write {path}: {error.strerror}") from error
        return Plan((self._binary, "--config", path), f"http://127.0.0.1:{http_port}")

    async def _comes_up(self, url: str, lost: asyncio.Task[None]) -> bool:
        deadline = self._monotonic() + START_SECONDS
        while not lost.done() and self._monotonic() < deadline:
            if await _is_well(url):
                return True
            await asyncio.wait({lost}, timeout=POLL_SECONDS)
        return False

    def _announce(self, url: str, group: asyncio.TaskGroup) -> asyncio.Task[None]:
        self.light(url)
        ENGINE_STARTS.inc()
        log.info("engine_ready", media_port=self.media_port, life=self.lives)
        return group.create_task(self.tell())

    async def _until_lost(self, child: Child, url: str, lost: asyncio.Task[None]) -> None:
        well_at = self._monotonic()
        while True:
            await asyncio.wait({lost}, timeout=ASK_SECONDS)
            if lost.done():
                return
            if await _is_well(url):
                well_at = self._monotonic()
                continue
            silent = self._monotonic() - well_at
            if silent >= BUSY_SECONDS or (silent >= HUNG_SECONDS and not child.is_at_work()):
                log.error("engine_hung", seconds=round(silent, 1))
                return

    async def _listen(self, child: Child) -> None:
        async for line in child.lines():
            said = self._listener.read(line)
            self._said.append(said)
            write = {"error": log.warning, "warn": log.info}.get(said.level, log.debug)
            write("engine_said", text=said.text, **said.fields)

    def _failure(self) -> EngineFailed:
        """Why it did not start, from what it said; its exit status is 0 whatever happens."""
        errors = [str(said) for said in self._said if said.level == "error"]
        what = "the media engine did not start"
        if not errors:
            return EngineFailed(f"{what}: it did not answer within {START_SECONDS:.0f} s")
        if "address already in use" in errors[-1]:
            ports = f"UDP port {self.media_port}, or its HTTP port,"
            return _PortTaken(f"{what}: {ports} is used by another program")
        return EngineFailed(f"{what}: {errors[-1]}")


async def _is_well(url: str) -> bool:
    """Whether the engine answers, and has written its statistics lately.

    It is asked on a thread: a loop with too much to do would see the answer too late.
    """
    return await asyncio.to_thread(_answers, url)


def _answers(url: str) -> bool:
    place = urlsplit(url)
    asked = HTTPConnection(place.hostname or "", place.port, timeout=HEALTH_SECONDS)
    try:
        asked.request("GET", "/")
        return asked.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        asked.close()


@asynccontextmanager
async def started(
    settings: EngineSettings,
    *,
    binary: Path,
    folder: Path,
    monotonic: Monotonic,
    http_port: int | None = None,
) -> AsyncIterator[Supervisor]:
    """An engine that is started now, and kept running for as long as the context is open.

    `came_up` waits for it. Raises `EngineFailed` when it does not come up, out of whatever is under
    way in the context.

    `folder` keeps its settings file; `binary` is the program. Its API listens on `http_port` of
    loopback; without one, on any free port.
    """
    supervisor = Supervisor(
        settings, binary=binary, folder=folder, monotonic=monotonic, http_port=http_port
    )
    failure: BaseExceptionGroup[BaseException] | None = None
    try:
        async with asyncio.TaskGroup() as group:
            keeper = group.create_task(supervisor.keep())
            try:
                yield supervisor
            finally:
                keeper.cancel()
    except BaseExceptionGroup as several:
        failure = several
    if failure is not None:
        # Nobody needs to know that a group was at work here.
        raise failure.exceptions[0] if len(failure.exceptions) == 1 else failure


@asynccontextmanager
async def supervised(
    settings: EngineSettings,
    *,
    binary: Path,
    folder: Path,
    monotonic: Monotonic,
    http_port: int | None = None,
) -> AsyncIterator[Supervisor]:
    """The same, open once the engine is ready."""
    async with started(
        settings, binary=binary, folder=folder, monotonic=monotonic, http_port=http_port
    ) as supervisor:
        await supervisor.came_up()
        yield supervisor
