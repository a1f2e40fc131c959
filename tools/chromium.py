"""Chromium for the tests that need a real browser: found, else installed, else said to be missing."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

from tools.terminal import Stuck, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 600.0


def ensure_chromium(root: Path) -> str:
    """The path of a Chromium that starts."""
    found = find_chromium(root)
    if found is None:
        install_chromium(root)
        found = find_chromium(root)
    if found is None:
        raise Stuck(
            "The tests need Chromium, and it could not be installed."
            " Install the package chromium (Debian: apt-get install chromium)."
        )
    return found


def find_chromium(root: Path) -> str | None:
    """The system's Chromium, else the one that Playwright keeps; one that starts."""
    for name in NAMES:
        path = shutil.which(name)
        if path is not None and starts(path):
            return path
    own = playwright_path(root)
    return own if own is not None and starts(own) else None


def starts(path: str, name: bytes = b"Chrom") -> bool:
    """Whether the browser runs and says its name: Ubuntu's may be a stub that only names a snap."""
    try:
        told = subprocess.run((path, "--version"), capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return told.returncode == 0 and name in told.stdout


def playwright_path(root: Path) -> str | None:
    """Where Playwright has, or would have, its own Chromium."""
    ask = (
        "from playwright.sync_api import sync_playwright as s\n"
        "with s() as p: print(p.chromium.executable_path)"
    )
    python = root / ".venv/bin/python"
    if not python.exists():
        return None
    told = subprocess.run((python, "-c", ask), capture_output=True, text=True, check=False)
    path = told.stdout.strip()
    return path if told.returncode == 0 and Path(path).is_file() else None


def install_chromium(root: Path) -> None:
    """Debian's package where we are root, else Playwright's own download. May fail; the caller looks."""
    if os.geteuid() == 0 and is_debian():
        install_package(root, "chromium", says="Installing Chromium")
        if find_chromium(root) is not None:
            return
    say("Installing Chromium (playwright install)")
    # Its libraries come from the system's packages, which only root may install.
    extra = ("--with-deps",) if os.geteuid() == 0 else ()
    run_logged(root, (".venv/bin/python", "-m", "playwright", "install", *extra, "chromium"))


def install_package(root: Path, name: str, *, says: str) -> None:
    """A package of Debian's, as root. May fail; the caller looks."""
    say(f"{says} (apt-get install {name})")
    run_logged(root, ("apt-get", "update", "-q"))
    run_logged(root, ("apt-get", "install", "-q", "-y", "--no-install-recommends", name))


def is_debian() -> bool:
    """Whether the packages of browsers are the browsers themselves, as on Debian."""
    try:
        return platform.freedesktop_os_release().get("ID") == "debian"
    except OSError:
        return False


def run_logged(root: Path, command: tuple[str, ...]) -> None:
    """Let an installer try; what it writes goes into a log, and whether it went well is for others to see."""
    log = root / ".build" / "log" / "installers.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        try:
            subprocess.run(
                command,
                cwd=root,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=PATIENCE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            output.write(f"{command}: {problem}\n".encode())
