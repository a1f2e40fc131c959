"""Files that only their owner may read, and how many may be open."""

import os
import resource
from pathlib import Path

MOST_FILES = 1_048_576


def write_private(path: Path, content: bytes) -> None:
    """Put a file in place whole, readable by its owner alone."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)
    draft.replace(path)


def open_files() -> int:
    """How many files this process has open now."""
    return sum(1 for _ in Path("/dev/fd").iterdir())


def allow_files() -> int:
    """Let this process open as many files as the system lets it; how many that are.

    The usual limit, 1024, is for programs that may still use `select`.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):
        # A system may have a lower limit than it tells.
        return soft
    return wanted
