"""Firefox for the tests that hold calls in it: found, else installed, else said to be missing."""

import os
import shutil
import subprocess
from pathlib import Path

from tools.chromium import is_debian, run_logged
from tools.terminal import Stuck, say

NAMES = ("firefox-esr", "firefox")
PACKAGE = "firefox-esr"
TOLD_WITHIN = 60.0


def ensure_firefox(root: Path) -> None:
    """A Firefox that starts is there."""
    if find_firefox() is not None:
        return
    if os.geteuid() == 0 and is_debian():
        say(f"Installing Firefox (apt-get install {PACKAGE})")
        run_logged(root, ("apt-get", "update", "-q"))
        run_logged(root, ("apt-get", "install", "-q", "-y", "--no-install-recommends", PACKAGE))
    if find_firefox() is None:
        raise Stuck(
            "The tests in Firefox need one, and it could not be installed."
            f" Install the package {PACKAGE} (Debian: apt-get install {PACKAGE}), or have `firefox`"
            " in PATH."
        )


def find_firefox() -> str | None:
    """The first on PATH that runs."""
    paths = (shutil.which(name) for name in NAMES)
    return next((path for path in paths if path is not None and starts(path)), None)


def starts(path: str) -> bool:
    """Whether the program runs: Ubuntu's `firefox` may be a stub that only names a snap."""
    try:
        told = subprocess.run(
            (path, "--version"), capture_output=True, timeout=TOLD_WITHIN, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return told.returncode == 0 and b"Firefox" in told.stdout
