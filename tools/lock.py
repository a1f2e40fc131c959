"""Writes the lock files anew: exact versions and hashes, without the address of any registry."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tools.terminal import Stuck, give_up, say

ROOT = Path(__file__).resolve().parent.parent
COMPILE = (
    *(".venv/bin/uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-emit-index-url", "--no-emit-find-links"),
    *("--no-emit-package", "openrooms-engine", "--custom-compile-command", "make lock"),
)
RUN = ("--group", "build", "server/pyproject.toml", "-o", "locks/run.txt")
DEV = (
    *("--group", "build", "--group", "dev", "-c", "locks/run.txt"),
    *("server/pyproject.toml", "-o", "locks/dev.txt"),
)
UV = ("locks/uv.in", "-o", "locks/uv.txt")
RESOLVED = re.compile(r'^\s*"resolved": "https?://', re.MULTILINE)


def lock_python(extra: list[str]) -> None:
    """Pins of before stay where they can, unless an upgrade is asked for."""
    for arguments in (UV, RUN, DEV):
        say(f"Locking {arguments[-1]}")
        subprocess.run((*COMPILE, *extra, *arguments), cwd=ROOT, check=True)


def lock_browser(extra: list[str]) -> None:
    """The lock of npm; .npmrc keeps addresses out of it."""
    say("Locking package-lock.json")
    command = "update" if extra else "install"
    subprocess.run(
        ("npm", command, "--package-lock-only", "--no-fund", "--no-audit"), cwd=ROOT, check=True
    )
    if RESOLVED.search((ROOT / "package-lock.json").read_text()):
        raise Stuck("package-lock.json names a registry's address. Is npm older than 8.9?")


def main(arguments: list[str]) -> None:
    if arguments not in ([], ["--upgrade"]):
        print("usage: python -m tools.lock [--upgrade]", file=sys.stderr)
        raise SystemExit(2)
    os.chdir(ROOT)
    try:
        lock_python(arguments)
        lock_browser(arguments)
    except subprocess.CalledProcessError as problem:
        give_up(Stuck(f"{problem.cmd[0]} ended with {problem.returncode}."))
    except Stuck as reason:
        give_up(reason)


if __name__ == "__main__":
    main(sys.argv[1:])
