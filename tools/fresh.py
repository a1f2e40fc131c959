"""Tries the README on an empty machine: a new clone, an empty home, empty caches, both commands, timed.

What a package client needs to reach its registry is taken over from the environment; what a home
folder or a cache holds is not.
"""

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue

from support.deadlines import TooLate

from tools.metrics import Bar, Metric, report
from tools.terminal import Stuck, give_up, say
from tools.visit import visit

ROOT = Path(__file__).resolve().parent.parent
FIRST_RUN = Bar("<=", 480)
LATER_RUN = Bar("<=", 3)
TEST = Bar("<=", 900)
GRACE = 30.0
# Settings of this clone or of an outer make; the inner commands must not see them.
DROPPED = re.compile(
    r"(VIRTUAL_ENV|PYTHON(PATH|HOME|STARTUP)|MAKE\w*|MFLAGS|OPENROOMS_\w+|COVERAGE_\w+|PYTEST_\w+"
    r"|UV_(CACHE_DIR|PYTHON\w*|PROJECT_ENVIRONMENT)|UV|npm_(package|lifecycle|config_local)_\w+"
    r"|PLAYWRIGHT_BROWSERS_PATH|INIT_CWD|NODE_PATH)"
)
CONNECTION = re.compile(r"endpoint=\S+;accesskey=[^\s\"']+")
LINK = re.compile(r"https?://[^\s\"']+/call#[^\s\"']+")
TRUST = re.compile(r"REQUESTS_CA_BUNDLE=[\"']?([^\s\"';]+)")
LINKS = 3
PORTS = {
    "OPENROOMS_HTTPS_PORT": (8443, socket.SOCK_STREAM),
    "OPENROOMS_HTTP_PORT": (8080, socket.SOCK_STREAM),
    "OPENROOMS_MEDIA_PORT": (7882, socket.SOCK_DGRAM),
}


@dataclass(frozen=True, slots=True)
class Printed:
    """What a person finds on the terminal once the server is ready."""

    connection_string: str
    ca: Path
    links: tuple[str, ...]


def empty_home(folder: Path) -> dict[str, str]:
    """An environment in which no client finds anything of before."""
    home = folder / "home"
    kept = {name: value for name, value in os.environ.items() if not DROPPED.fullmatch(name)}
    own = {
        "HOME": home,
        "XDG_CACHE_HOME": home / "cache",
        "XDG_CONFIG_HOME": home / "config",
        "XDG_DATA_HOME": home / "share",
        "PIP_CACHE_DIR": home / "cache/pip",
        "npm_config_cache": home / "cache/npm",
        "GOPATH": home / "go",
        "GOMODCACHE": home / "go/pkg/mod",
        "GOCACHE": home / "cache/go",
        "TMPDIR": folder / "tmp",
    }
    for path in own.values():
        path.mkdir(parents=True, exist_ok=True)
    return kept | {name: str(path) for name, path in own.items()}


def free_ports() -> dict[str, str]:
    """Nothing where the usual ports are free; else settings with other ones, and a word about it."""
    if all(is_free(port, kind) for port, kind in PORTS.values()):
        return {}
    say("The usual ports are taken on this machine; the server gets others by its settings.")
    chosen = {}
    for name, (_, kind) in PORTS.items():
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.bind(("127.0.0.1", 0))
            chosen[name] = str(probe.getsockname()[1])
    return chosen


def is_free(port: int, kind: socket.SocketKind) -> bool:
    """Whether nobody has the port now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def read(text: str) -> Printed | None:
    """What the server printed, once all of it is there."""
    connection, ca = CONNECTION.search(text), TRUST.search(text)
    links = tuple(dict.fromkeys(LINK.findall(text)))
    if connection is None or ca is None or len(links) < LINKS:
        return None
    return Printed(connection[0], Path(ca[1]), links)


class Run:
    """`make run`, in a clone, until it is told to stop."""

    def __init__(self, clone: Path, environment: Mapping[str, str]) -> None:
        self._lines: Queue[str] = Queue()
        self._start = time.monotonic()
        self._process = subprocess.Popen(
            ("make", "run"),
            cwd=clone,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._take_in, daemon=True).start()

    def wait_until_ready(self, within: float) -> tuple[Printed, float]:
        """What was printed, and the seconds until it was."""
        text = ""
        while True:
            left = self._start + within - time.monotonic()
            try:
                line = self._lines.get(timeout=max(left, 0.01))
            except Empty:
                raise Stuck(f"`make run` was not ready within {within:.0f} s:\n{text}") from None
            if not line:
                raise Stuck(f"`make run` ended before it was ready:\n{text}")
            text += line
            say(f"    | {hide_secrets(line.rstrip())}")
            printed = read(text)
            if printed is not None:
                return printed, time.monotonic() - self._start

    def stop(self) -> None:
        """As Ctrl-C in a terminal does it: every process of the group is told."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGINT)
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            raise Stuck(f"`make run` did not end within {GRACE:.0f} s of Ctrl-C.") from None

    def _take_in(self) -> None:
        for line in self._process.stdout or ():
            self._lines.put(line)
        self._lines.put("")


def hide_secrets(line: str) -> str:
    """The line without keys and tokens: a log of this may be kept."""
    return re.sub(r"(accesskey=|token=)[^\s&\"']+", r"\1…", line)


@contextmanager
def running(
    clone: Path, environment: Mapping[str, str], within: float
) -> Iterator[tuple[Printed, float]]:
    """`make run`, ready, for as long as the block lasts."""
    run = Run(clone, environment)
    try:
        yield run.wait_until_ready(within)
    finally:
        run.stop()


def try_out(folder: Path, metrics: list[Metric], *, with_tests: bool) -> None:
    """Clone, run, join, run again, test. What was measured before something failed is kept."""
    environment = empty_home(folder) | free_ports()
    clone = folder / "clone"
    say("Cloning HEAD")
    subprocess.run(("git", "clone", "--quiet", "--no-local", str(ROOT), str(clone)), check=True)
    say("First `make run`")
    with running(clone, environment, 2 * FIRST_RUN.value) as (printed, took):
        metrics.append(Metric("first `make run` to ready", took, "s", FIRST_RUN))
        for done in visit(printed.connection_string, printed.ca, printed.links):
            say(f"    {done}")
    say("Second `make run`")
    with running(clone, environment, 60) as (_, took):
        metrics.append(Metric("later `make run` to ready", took, "s", LATER_RUN))
    if with_tests:
        say("`make test`")
        start = time.monotonic()
        result = subprocess.run(("make", "test"), cwd=clone, env=environment, check=False)
        metrics.append(Metric("first `make test`", time.monotonic() - start, "s", TEST))
        if result.returncode != 0:
            raise Stuck(f"`make test` ended with {result.returncode} in the fresh clone.")


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(prog="python -m tools.fresh", description=__doc__)
    options.add_argument("--no-test", action="store_true", help="leave out the inner `make test`")
    options.add_argument("--keep", action="store_true", help="keep the folder and say where it is")
    chosen = options.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="openrooms-fresh-"))
    metrics: list[Metric] = []
    try:
        try_out(folder, metrics, with_tests=not chosen.no_test)
        met = report(metrics)
    except (Stuck, TooLate) as reason:
        report(metrics)
        give_up(reason)
    finally:
        if chosen.keep:
            say(f"kept: {folder}")
        else:
            shutil.rmtree(folder, onerror=_make_writable)
    sys.exit(not met)


def _make_writable(remove: object, path: str, _: object) -> None:
    """Go's module cache is read-only, its folders too."""
    Path(path).parent.chmod(0o755)
    Path(path).chmod(0o755)
    if Path(path).is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        Path(path).unlink(missing_ok=True)


if __name__ == "__main__":
    main(sys.argv[1:])
