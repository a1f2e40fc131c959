"""Holding a program to a share of one processor core, by the control groups of Linux."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.terminal import Stuck

ROOT = Path("/sys/fs/cgroup")
PERIOD = 10_000


@contextmanager
def held_to(share: float, pid: int, name: str) -> Iterator[None]:
    """Let the process, and those it starts from now on, have this share of one core, no more."""
    group, files = _group(name, int(share * PERIOD))
    try:
        group.mkdir(exist_ok=True)
        for file, value in files.items():
            (group / file).write_text(value)
        _move(pid, group)
    except OSError as error:
        raise Stuck(
            f"Control groups: {error}. This figure needs root, and the controller `cpu`."
        ) from error
    try:
        yield
    finally:
        _move(pid, group.parent)
        group.rmdir()


def _move(pid: int, group: Path) -> None:
    """Put all of a process into a group."""
    if (group / "tasks").exists():
        for thread in (Path("/proc") / str(pid) / "task").iterdir():
            (group / "tasks").write_text(thread.name)
    else:
        (group / "cgroup.procs").write_text(str(pid))


def _group(name: str, quota: int) -> tuple[Path, dict[str, str]]:
    """The group's folder, and what is written in it, in the first or the second version."""
    if (ROOT / "cgroup.controllers").is_file():
        return ROOT / name, {"cpu.max": f"{quota} {PERIOD}"}
    return ROOT / "cpu" / name, {
        "cpu.cfs_period_us": str(PERIOD),
        "cpu.cfs_quota_us": str(quota),
    }
