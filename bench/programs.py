"""The programs that are measured, each started by itself, all on one processor core.

The client has the other core. What a program costs is the processor time of its whole tree of
processes; our own tree holds the media engine, which has nothing to do.
"""

import base64
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from support.deadlines import wait_for
from support.ports import free_ports
from support.server import openrooms

from tools.terminal import Stuck, say

HERE = Path(__file__).resolve().parent
SERVER_CORE, CLIENT_CORE = 0, 1
AZURITE_ACCOUNT = "bench"


@dataclass(frozen=True, slots=True)
class Program:
    """A running program: where it listens, and the key that requests are signed with."""

    pid: int
    port: int
    host: str
    key: bytes
    data: Path

    def processor_seconds(self) -> float:
        """What its processes have used so far, since they started."""
        root = psutil.Process(self.pid)
        times = [one.cpu_times() for one in (root, *root.children(recursive=True))]
        return sum(one.user + one.system for one in times)

    def resident(self) -> float:
        """The resident memory of its first process, in bytes."""
        return float(psutil.Process(self.pid).memory_info().rss)


@contextmanager
def ours(
    folder: Path, *options: str, variables: Mapping[str, str] | None = None
) -> Iterator[Program]:
    """`openrooms serve` as it is installed, with what it logs going to a file."""
    https, http, media = free_ports(socket.SOCK_STREAM, socket.SOCK_STREAM, socket.SOCK_DGRAM)
    data = folder / "data"
    command = openrooms(
        *("serve", "--json", "--data", str(data), "--https-port", str(https)),
        *("--http-port", str(http), "--media-port", str(media), *options),
    )
    with _running(command, folder, variables) as process:
        line, _ = wait_for("the ready line", lambda: _ready(folder, process), within=30)
        key = base64.b64decode(str(line["connectionString"]).partition("accesskey=")[2])
        yield Program(process.pid, http, f"localhost:{http}", key, data)


@contextmanager
def rival(folder: Path) -> Iterator[Program]:
    """What a good engineer writes in an afternoon, on the same HTTP server."""
    key = secrets.token_bytes(32)
    variables = {
        "DATABASE": str(folder / "rival.db"),
        "ACCESS_KEY": base64.b64encode(key).decode(),
    }
    with _uvicorn(folder, "app:app", where=HERE / "rival", variables=variables) as program:
        yield Program(program.pid, program.port, program.host, key, folder)


@contextmanager
def floor(folder: Path) -> Iterator[Program]:
    """An application that does nothing, on the same HTTP server."""
    with _uvicorn(folder, "floor:app", where=HERE, variables={}) as program:
        yield program


@contextmanager
def azurite(folder: Path) -> Iterator[Program]:
    """Azure's emulator of its table service."""
    modules = HERE / "azurite" / "node_modules"
    if not (modules / ".package-lock.json").is_file():
        say("Installing Azurite")
        _install(HERE / "azurite")
    (port,) = free_ports(socket.SOCK_STREAM)
    key = secrets.token_bytes(32)
    command = [
        *(_node(), str(modules / "azurite/dist/src/table/main.js")),
        *("--location", str(folder / "azurite"), "--tableHost", "127.0.0.1"),
        *("--tablePort", str(port), "--silent", "--disableTelemetry"),
    ]
    variables = {"AZURITE_ACCOUNTS": f"{AZURITE_ACCOUNT}:{base64.b64encode(key).decode()}"}
    with _running(command, folder, variables) as process:
        _wait_for_port(process, folder, port)
        yield Program(process.pid, port, f"127.0.0.1:{port}", key, folder)


@contextmanager
def on_core(number: int) -> Iterator[None]:
    """What runs or starts inside keeps to this core, where the system has such a thing."""
    if not hasattr(os, "sched_setaffinity") or number >= (os.cpu_count() or 1):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {number})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def _uvicorn(
    folder: Path, app: str, *, where: Path, variables: Mapping[str, str]
) -> Iterator[Program]:
    (port,) = free_ports(socket.SOCK_STREAM)
    command = [
        *(sys.executable, "-m", "uvicorn", app, "--app-dir", str(where), "--port", str(port)),
        *("--http", "httptools", "--loop", "uvloop", "--lifespan", "off"),
        *("--no-access-log", "--log-level", "warning"),
    ]
    with _running(command, folder, variables) as process:
        _wait_for_port(process, folder, port)
        yield Program(process.pid, port, f"127.0.0.1:{port}", b"", folder)


@contextmanager
def _running(
    command: Sequence[str], folder: Path, variables: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    folder.mkdir(parents=True, exist_ok=True)
    with (
        (folder / "out").open("wb") as out,
        (folder / "err").open("wb") as err,
        on_core(SERVER_CORE),
    ):
        environment = os.environ | {"PYTHONUNBUFFERED": "1"} | dict(variables or {})
        process = subprocess.Popen(command, stdout=out, stderr=err, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(folder: Path, process: subprocess.Popen[bytes]) -> dict[str, object] | None:
    if process.poll() is not None:
        raise _ended(folder)
    for text in (folder / "out").read_text().splitlines():
        if text.startswith("{"):
            line: dict[str, object] = json.loads(text)
            return line
    return None


def _wait_for_port(process: subprocess.Popen[bytes], folder: Path, port: int) -> None:
    def listens() -> bool:
        if process.poll() is not None:
            raise _ended(folder)
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    wait_for(f"a server on port {port}", listens, within=30)


def _ended(folder: Path) -> Stuck:
    return Stuck(f"a program ended at once: {(folder / 'err').read_text()[-2000:]}")


def _install(where: Path) -> None:
    subprocess.run(
        ("npm", "ci", "--no-fund", "--no-audit", "--ignore-scripts"),
        cwd=where,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _node() -> str:
    found = shutil.which("node")
    if found is None:
        raise Stuck("Node is needed and not in PATH. Install the package nodejs.")
    return found
