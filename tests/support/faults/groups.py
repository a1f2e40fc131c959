"""A control group of Linux that bounds the memory of what is started in it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
# Less than any work needs.
LEFT = 512 * 1024


class MemoryGroup:
    """Made by `memory_group`. Both versions of control groups are known."""

    def __init__(self, folder: Path, *, limit: str, usage: str) -> None:
        self.folder = folder
        self._limit = folder / limit
        self._usage = folder / usage

    @property
    def before(self) -> tuple[str, ...]:
        """What a command is started with, to run in the group."""
        return ("/bin/sh", "-c", f'echo $$ > {self.folder}/cgroup.procs && exec "$@"', "sh")

    def take(self) -> None:
        """Leave no memory for anything new."""
        self._limit.write_text(str(int(self._usage.read_text()) + LEFT))

    def give(self) -> None:
        self._limit.write_text("-1" if "limit_in_bytes" in self._limit.name else "max")


@contextmanager
def memory_group() -> Iterator[MemoryGroup | None]:
    """A new group; None where none may be made."""
    name = f"openrooms-{os.getpid()}"
    if (ROOT / "cgroup.controllers").is_file():
        group = MemoryGroup(ROOT / name, limit="memory.max", usage="memory.current")
    else:
        group = MemoryGroup(
            ROOT / "memory" / name, limit="memory.limit_in_bytes", usage="memory.usage_in_bytes"
        )
    try:
        group.folder.mkdir()
        group.give()
    except OSError:
        # Also where the controller is not switched on for groups below the root.
        if group.folder.is_dir():
            group.folder.rmdir()
        yield None
        return
    try:
        yield group
    finally:
        group.folder.rmdir()
