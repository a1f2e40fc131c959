"""A media engine that runs apart from its server: `openrooms engine`, in the server's data directory."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from support.deadlines import wait_for
from support.ports import free_ports
from support.server import ENGINE, READY_WITHIN, Server, openrooms


class EngineUnit:
    """The unit, and the server that goes with it. Make it, `start` both, `close` both."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        before: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        of: type[Server] = Server,
    ) -> None:
        (self.port,) = free_ports(socket.SOCK_STREAM)
        self.url = f"http://127.0.0.1:{self.port}"
        self.server = of(
            folder, "--engine-url", self.url, *options, before=before, environment=environment
        )
        self._options = options
        self._environment = dict(environment or {})
        self.drain_seconds = 600
        self._lives = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the engine; it is ready once the server has had its first start."""
        assert self._process is None, "started twice"
        self._lives += 1
        with self._file("out").open("wb") as out, self._file("err").open("wb") as err:
            self._process = subprocess.Popen(
                self._command(),
                stdout=out,
                stderr=err,
                env=os.environ
                | self._environment
                | {"OPENROOMS_ENGINE_DRAIN_SECONDS": str(self.drain_seconds)},
            )

    def wait_until_ready(self) -> None:
        wait_for("the engine's ready line", self._ready, within=READY_WITHIN)
        wait_for("the server to find it", self.is_found, within=READY_WITHIN)

    def open(self) -> None:
        """Start both, and wait until calls can be made."""
        self.start()
        self.server.start()
        self.wait_until_ready()

    def ask_to_end(self) -> None:
        """SIGTERM, without waiting."""
        self._running().send_signal(signal.SIGTERM)

    def has_ended(self) -> bool:
        return self._running().poll() is not None

    def _urge_to_end(self) -> bool:
        self.ask_to_end()
        return self.has_ended()

    def forget(self) -> int:
        """It has ended; its exit status."""
        status = self._running().wait(5)
        self._process = None
        return status

    def kill(self) -> None:
        """End it without a word (SIGKILL), and with it the engine."""
        engine = self.engine()
        self._running().kill()
        self._running().wait(5)
        self._process = None
        if engine is not None:
            psutil.wait_procs([engine], timeout=5)
            assert not engine.is_running(), "the engine outlived its unit"

    def close(self) -> None:
        if self._process is not None:
            # More than once: people who are still in it are not waited for.
            wait_for("the engine to end", self._urge_to_end, within=15, every=0.3)
        self.server.close()
        leaks = self.server.secrets.found_in(self.output())
        assert not leaks, f"secrets in the output of the engine's unit: {leaks}"

    def engine(self) -> psutil.Process | None:
        """The media engine's process, when it runs."""
        for child in psutil.Process(self._running().pid).children(recursive=True):
            try:
                if ENGINE in Path(child.exe()).name:
                    return child
            except psutil.Error:
                continue
        return None

    def is_found(self) -> bool:
        """Whether the server says that its engine works."""
        return bool(self.server.health()["parts"]["engine"])

    def output(self) -> str:
        logs = sorted(self.server.folder.glob("engine-*.*"))
        return "\n".join(log.read_text(errors="replace") for log in logs)

    def _command(self) -> list[str]:
        ports = self.server.ports
        return openrooms(
            *("engine", "--json", "--data", str(self.server.data), "--engine-url", self.url),
            *("--http-port", str(ports.http), "--media-port", str(ports.media)),
            *self._options,
        )

    def _file(self, kind: str) -> Path:
        return self.server.folder / f"engine-{self._lives}.{kind}"

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "not running"
        return self._process

    def _ready(self) -> dict[str, Any] | None:
        assert not self.has_ended(), self.output()
        lines = self._file("out").read_text().splitlines()
        return json.loads(lines[0]) if lines else None
