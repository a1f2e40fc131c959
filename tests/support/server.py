"""A really started server: its process, its ports, its data directory, its output."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from support.deadlines import wait_for
from support.ports import free_ports
from support.secrets import Secrets

READY_WITHIN = 30.0
ENGINE = "livekit"
API_ONLY = "--api-only"


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one server; they stay the same when it is started again."""

    https: int
    http: int
    media: int


@dataclass(frozen=True, slots=True)
class Ready:
    """What the ready line says."""

    connection_string: str
    endpoint: str
    browser_url: str
    ca: Path
    calling_sdk: str
    effects_sdk: str
    demo: Mapping[str, Any]
    version: str


def openrooms(*arguments: str) -> list[str]:
    """The command line of the product, as installed beside this Python."""
    installed = shutil.which("openrooms", path=str(Path(sys.executable).parent))
    start = [installed] if installed else [sys.executable, "-m", "openrooms"]
    return [*start, *arguments]


def choose_ports() -> Ports:
    https, http, media = free_ports(socket.SOCK_STREAM, socket.SOCK_STREAM, socket.SOCK_DGRAM)
    return Ports(https, http, media)


class Server:
    """`openrooms serve` on ports and in a folder of its own. Make it, `start` it, `close` it."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        environment: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
        own_clock: bool = True,
    ) -> None:
        """`before`: a command that starts it, and gives it its place, such as `prlimit`.

        `own_clock`: tests may move it; it asks for a file each time.
        """
        self.folder = folder
        self.data = folder / "data"
        self.clock = folder / "clock"
        self.ports = choose_ports()
        self.secrets = Secrets()
        self.starts = 0
        self.took_to_start = 0.0
        self._options = options
        self._before = before
        self._own_clock = own_clock
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._ready: Ready | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.move_clock(0)

    # -- one life ---------------------------------------------------------------------------

    def start(self) -> Ready:
        """Start, and wait for the ready line."""
        assert self._process is None, "started twice"
        self.starts += 1
        with self.log_file("out").open("wb") as out, self.log_file("err").open("wb") as err:
            self._process = subprocess.Popen(
                [*self._before, *self.command()],
                stdout=out,
                stderr=err,
                env=_environ() | self._environment,
            )
        line, self.took_to_start = wait_for("the ready line", self._ready_line, within=READY_WITHIN)
        self._ready = _read_ready(line)
        self.secrets.add("access key", self._ready.connection_string.partition("accesskey=")[2])
        return self._ready

    @contextmanager
    def running(self) -> Iterator[None]:
        """From its start to its close, whatever happens meanwhile."""
        try:
            self.start()
            yield
        finally:
            self.close()

    def command(self) -> list[str]:
        ports = self.ports
        return openrooms(
            *("serve", "--json", "--data", str(self.data)),
            *("--https-port", str(ports.https), "--http-port", str(ports.http)),
            *("--media-port", str(ports.media)),
            *(("--clock-offset", str(self.clock)) if self._own_clock else ()),
            *self._options,
        )

    def stop(self, *, within: float = 15.0) -> int:
        """Ask it to end (SIGTERM) and give its exit status."""
        return self._end(signal.SIGTERM, within)

    def kill(self) -> int:
        """End it without a word (SIGKILL)."""
        return self._end(signal.SIGKILL, 5.0)

    def send_kill(self) -> None:
        """SIGKILL, as from anybody."""
        self._running().kill()

    def has_ended(self) -> bool:
        return self._running().poll() is not None

    def forget(self) -> None:
        """It has ended by itself."""
        self._running().wait(5)
        self._process = None

    def close(self) -> None:
        """End of all lives: stop, leave nothing behind, and nothing secret in the output."""
        if self._process is not None:
            if self._ready is not None and API_ONLY not in self._options:
                self.learn_engine_key()
            self.stop()
        leaks = self.secrets.found_in(self.output(with_ready_line=False))
        assert not leaks, f"secrets in the output of the server: {leaks}"

    def _end(self, how: signal.Signals, within: float) -> int:
        process = self._running()
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(how)
        try:
            status = process.wait(within)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            self._process = None
        _, left = psutil.wait_procs(children, timeout=5)
        names = [child.name() for child in left if child.is_running()]
        for child in left:
            child.kill()
        assert not names, f"the server ended and left behind: {names}"
        return status

    # -- what can be asked ------------------------------------------------------------------

    @property
    def ready(self) -> Ready:
        assert self._ready is not None, "not started"
        return self._ready

    @property
    def pid(self) -> int:
        return self._running().pid

    def engine(self) -> psutil.Process | None:
        """The media engine's process, when it runs."""
        for child in psutil.Process(self.pid).children(recursive=True):
            try:
                if ENGINE in Path(child.exe()).name:
                    return child
            except psutil.Error:
                continue
        return None

    def health(self) -> dict[str, Any]:
        """What `/health` says on the plain port, well or not."""
        url = f"http://127.0.0.1:{self.ports.http}/health"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                told: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as unwell:
            with unwell:
                told = json.load(unwell)
        return told

    def kill_engine(self) -> int:
        """Kill the engine (SIGKILL) and give the pid it had."""
        engine, _ = wait_for("an engine to kill", self.engine, within=10)
        engine.kill()
        return engine.pid

    def move_clock(self, seconds: float) -> None:
        """Shift the service's clock, from now on, by so many seconds against the real time."""
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(str(seconds))
        fresh.replace(self.clock)

    def engine_key(self) -> tuple[str, str]:
        """The engine's key pair, from the 0600 file that the engine itself reads."""
        from support.engine import key_pair  # noqa: PLC0415 (the two know each other)

        return key_pair(self.data)

    def learn_engine_key(self) -> None:
        self.secrets.add("engine secret", self.engine_key()[1])

    def output(self, *, with_ready_line: bool = True) -> str:
        """Everything it printed in all its lives."""
        lines = [
            line
            for log in sorted(self.folder.glob("server-*.*"))
            for line in log.read_text(errors="replace").splitlines()
            # The ready line is where a developer gets his key from.
            if with_ready_line or '"event":"ready"' not in line.replace(" ", "")
        ]
        return "\n".join(lines)

    def log_file(self, kind: str) -> Path:
        """Where its present life writes: `out` or `err`."""
        return self.folder / f"server-{self.starts}.{kind}"

    # -- inside -----------------------------------------------------------------------------

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "not running"
        return self._process

    def _ready_line(self) -> dict[str, Any] | None:
        for text in self.log_file("out").read_text(errors="replace").splitlines():
            if text.startswith("{"):
                line: dict[str, Any] = json.loads(text)
                if line.get("event") == "ready":
                    return line
        status = self._running().poll()
        if status is not None:
            self._process = None
            raise AssertionError(f"ended with {status} before it was ready:\n{self.output()}")
        return None


def _environ() -> dict[str, str]:
    # As talkative as it can be: what is searched for secrets is everything it could ever print.
    talkative = {"PYTHONUNBUFFERED": "1", "OPENROOMS_LOG_LEVEL": "debug"}
    # Tests have calls of their own; health is of the parts alone, so that each is looked at when asked for.
    return {"OPENROOMS_PROBE_SECONDS": "0"} | os.environ | talkative


def _read_ready(line: Mapping[str, Any]) -> Ready:
    return Ready(
        connection_string=line["connectionString"],
        endpoint=line["endpoint"],
        browser_url=line["browserUrl"],
        ca=Path(line["ca"]),
        calling_sdk=line["sdk"]["calling"],
        effects_sdk=line["sdk"]["effects"],
        demo=line.get("demo") or {},
        version=line["version"],
    )


@dataclass(frozen=True, slots=True)
class Refused:
    """How a server that would not start ended."""

    status: int
    text: str
    took: float


def refuse(
    command: list[str], *, within: float = 20.0, environment: Mapping[str, str] | None = None
) -> Refused:
    """Run a command that must end by itself."""
    start = time.monotonic()
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=within,
        check=False,
        env=_environ() | dict(environment or {}),
    )
    return Refused(done.returncode, done.stdout + done.stderr, time.monotonic() - start)
