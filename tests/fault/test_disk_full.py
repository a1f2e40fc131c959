"""X08: no space left. Writes are refused by name, reads go on, tokens are issued, and all is well once there is space."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from support.deadlines import wait_for
from support.faults.asking import Asker, Told
from support.report import figure, lines
from support.server import Server

DISK = "24m"
ROSTER = 300
MOST_WRITES = 2000
BACK_WITHIN = 2.0


class Cramped(Server):
    """A server whose data lie on a small file system that nobody else sees.

    The file system is in memory and in a mount namespace of the server's own, which needs no root:
    whoever is none gets a user namespace with it.
    """

    def command(self) -> list[str]:
        self.data.mkdir(exist_ok=True)
        unshare = shutil.which("unshare")
        assert unshare is not None, "unshare is not there. Install the package util-linux."
        spaces = ("--mount",) if os.geteuid() == 0 else ("--user", "--map-root-user", "--mount")
        mount = f'mount -t tmpfs -o size={DISK},mode=700 small "{self.data}" && exec "$@"'
        return [unshare, *spaces, "sh", "-c", mount, "sh", *super().command()]

    @property
    def inside(self) -> Path:
        """The data directory as the server sees it."""
        return Path(f"/proc/{self.pid}/root{self.data}")


def _refuses_without_namespaces() -> str:
    """Why this system lets nobody make a small file system, or nothing."""
    spaces = ("--mount",) if os.geteuid() == 0 else ("--user", "--map-root-user", "--mount")
    tried = subprocess.run(
        ("unshare", *spaces, "mount", "-t", "tmpfs", "small", "/mnt"),
        capture_output=True,
        text=True,
        check=False,
    )
    return tried.stderr.strip()


@pytest.fixture
def cramped(tmp_path: Path) -> Iterator[Cramped]:
    stopped = _refuses_without_namespaces()
    assert not stopped, (
        f"no small file system can be made here ({stopped}). Run as root, or allow user "
        "namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0)."
    )
    server = Cramped(tmp_path / "server")
    server.start()
    server.data = server.inside
    yield server
    server.close()


def test_a_full_disk_refuses_writes_serves_reads_and_tokens_and_mends_itself(
    cramped: Cramped, tmp_path: Path
) -> None:
    asker = Asker(cramped)
    user, rooms = asker.user(), [asker.room() for _ in range(3)]
    ballast = cramped.inside / "ballast"
    _fill(ballast)

    refused = _write_until_refused(asker, rooms)
    again = [asker.create(ROSTER) for _ in range(3)]
    reads = [asker.get(room) for room in rooms]
    issued = [asker.issue(user) for _ in range(3)]
    ballast.unlink()
    _, back = wait_for("a good write", lambda: asker.create(ROSTER).status == 201, within=20)
    kept = [asker.get(room) for room in rooms]
    _check_whole(cramped.inside, tmp_path)

    lines.append(f"X08: full after {len(rooms)} rooms, told {refused.status} {refused.code}")
    assert all(one.status in {503, 507} and one.code for one in (refused, *again))
    assert {one.status for one in (*reads, *issued, *kept)} == {200}
    figure("X08, slowest refusal", max(one.took for one in (refused, *again)), at_most=5, unit="s")
    figure("X08, first good write after there was space", back, at_most=BACK_WITHIN, unit="s")


def _fill(ballast: Path) -> None:
    """Leave little more than nothing."""
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def _write_until_refused(asker: Asker, rooms: list[str]) -> Told:
    """Create rooms, each of which must be kept, until there is no space for one more."""
    for _ in range(MOST_WRITES):
        told = asker.create(ROSTER)
        if told.status != 201:
            return told
        rooms.append(told.json["id"])
    raise AssertionError("the disk never got full")


def _check_whole(data: Path, folder: Path) -> None:
    """The database, copied while nobody writes, is what it should be."""
    for ending in ("", "-wal"):
        shutil.copy(data / f"openrooms.db{ending}", folder)
    with closing(sqlite3.connect(folder / "openrooms.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
