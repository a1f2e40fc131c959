"""A JDK and Maven for the Java SDKs of the conformance suite: found, else installed, else said to be missing."""

import os
import shutil
import subprocess
from pathlib import Path

from tools.chromium import is_debian, run_logged
from tools.terminal import Stuck, say

PROGRAMS = ("java", "javac", "keytool", "mvn")
PACKAGES = ("default-jdk-headless", "maven")
# `keytool` tells its version only when it is asked for nothing else.
ASKS = {"mvn": "--version", "keytool": "-help"}


def ensure_java(root: Path) -> None:
    """All programs are there and start."""
    if not missing():
        return
    if os.geteuid() == 0 and is_debian():
        say(f"Installing a JDK and Maven (apt-get install {' '.join(PACKAGES)})")
        run_logged(root, ("apt-get", "update", "-q"))
        run_logged(root, ("apt-get", "install", "-q", "-y", "--no-install-recommends", *PACKAGES))
    lacking = missing()
    if lacking:
        raise Stuck(
            f"The Java SDKs need a JDK (17 or newer) and Maven; {', '.join(lacking)} cannot be run. "
            f"Install the packages {' and '.join(PACKAGES)} (Debian), and put them in PATH."
        )


def missing() -> list[str]:
    """The programs that are not there, or only pretend to be."""
    return [name for name in PROGRAMS if not starts(name)]


def starts(name: str) -> bool:
    """Whether a program runs: macOS has stubs of all of them that only name a download."""
    path = shutil.which(name)
    if path is None:
        return False
    asked = (path, ASKS.get(name, "-version"))
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0
