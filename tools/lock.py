"""Writes the lock files anew: exact versions and hashes, without the address of any registry."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.jars import write
from tools.java import missing
from tools.sdks import (
    JAVA_VERSIONS,
    JAVASCRIPT,
    PYTHON_VERSIONS,
    fetch_jars,
    java_folder,
    java_lock,
)
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
SDKS = tuple(
    (f"locks/sdks-{version}.in", "-o", f"locks/sdks-{version}.txt") for version in PYTHON_VERSIONS
)
NODE = (ROOT, ROOT / "tests" / "postgresql", ROOT / JAVASCRIPT)
RESOLVED = re.compile(r'^\s*"resolved": "https?://', re.MULTILINE)


def lock_python(extra: list[str]) -> None:
    """Pins of before stay where they can, unless an upgrade is asked for."""
    for arguments in (UV, RUN, DEV, *SDKS):
        say(f"Locking {arguments[-1]}")
        subprocess.run((*COMPILE, *extra, *arguments), cwd=ROOT, check=True)


def lock_node(folder: Path, extra: list[str]) -> None:
    """A lock of npm; .npmrc keeps addresses out of it."""
    lock = folder / "package-lock.json"
    say(f"Locking {lock.relative_to(ROOT)}")
    command = "update" if extra else "install"
    subprocess.run(
        ("npm", command, "--package-lock-only", "--no-fund", "--no-audit", "--prefix", str(folder)),
        cwd=ROOT,
        check=True,
    )
    if RESOLVED.search(lock.read_text()):
        raise Stuck(f"{lock.relative_to(ROOT)} names a registry's address. Is npm older than 8.9?")


def lock_java() -> None:
    """The hashes of the Java SDKs. Their versions stand in tools/sdks.py; nothing moves by itself."""
    if missing():
        say("Leaving the locks of the Java SDKs as they are: there is no JDK with Maven here")
        return
    for version in JAVA_VERSIONS:
        say(f"Locking {java_lock(version)}")
        shutil.rmtree(ROOT / java_folder(version), ignore_errors=True)
        subprocess.run(fetch_jars(version), cwd=ROOT, check=True)
        write(ROOT / java_folder(version), ROOT / java_lock(version))


def main(arguments: list[str]) -> None:
    if arguments not in ([], ["--upgrade"]):
        print("usage: python -m tools.lock [--upgrade]", file=sys.stderr)
        raise SystemExit(2)
    os.chdir(ROOT)
    try:
        lock_python(arguments)
        for folder in NODE:
            lock_node(folder, arguments)
        lock_java()
    except subprocess.CalledProcessError as problem:
        give_up(Stuck(f"{problem.cmd[0]} ended with {problem.returncode}."))
    except Stuck as reason:
        give_up(reason)


if __name__ == "__main__":
    main(sys.argv[1:])
