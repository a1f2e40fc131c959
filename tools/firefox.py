"""Firefox for the tests that hold calls in it: found, else installed, else said to be missing."""

import os
import shutil
from pathlib import Path

from tools.chromium import install_package, is_debian, starts
from tools.terminal import Stuck

NAMES = ("firefox-esr", "firefox")
PACKAGE = "firefox-esr"


def ensure_firefox(root: Path) -> None:
    """A Firefox that starts is there."""
    if find_firefox() is not None:
        return
    if os.geteuid() == 0 and is_debian():
        install_package(root, PACKAGE, says="Installing Firefox")
    if find_firefox() is None:
        raise Stuck(
            "The tests in Firefox need one, and it could not be installed."
            f" Install the package {PACKAGE} (Debian: apt-get install {PACKAGE}), or have `firefox`"
            " in PATH."
        )


def find_firefox() -> str | None:
    """The first on PATH that runs."""
    paths = (shutil.which(name) for name in NAMES)
    return next((path for path in paths if path is not None and starts(path, b"Firefox")), None)
