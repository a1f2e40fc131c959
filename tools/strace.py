"""The program strace for the test of a power cut: found, else installed, else said to be missing."""

import os
import shutil
import subprocess
from pathlib import Path

from tools.terminal import Stuck, say

PATIENCE = 600.0
INSTALL = (
    ("apt-get", "update", "-q"),
    ("apt-get", "install", "-q", "-y", "--no-install-recommends", "strace"),
)


def ensure_strace(root: Path) -> None:
    """Have strace, where it has to come from."""
    if shutil.which("strace") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing strace (apt-get install strace)")
        _install(root)
    if shutil.which("strace") is None:
        raise Stuck(
            "The test of a power cut needs strace, and it could not be installed."
            " Install the package strace (Debian, Ubuntu: apt-get install strace)."
        )


def _install(root: Path) -> None:
    """Debian's package. May fail; the caller looks."""
    log = root / ".build" / "log" / "strace.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        for command in INSTALL:
            subprocess.run(
                command,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=PATIENCE,
                check=False,
            )
