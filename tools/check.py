"""All checks that need no running product: format, lint, types, imports, sizes, docs; two at a time."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tools.terminal import say

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
PYTHON = str(BIN / "python")


@dataclass(frozen=True, slots=True)
class Check:
    """One program that judges, and the folders it needs to find modules in."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check said."""

    check: Check
    passed: bool
    said: str
    took: float


def types(name: str, path: str, *folders: str) -> Check:
    """A mypy run of one product, with a cache of its own so that runs do not wait for each other."""
    command = (str(BIN / "mypy"), "--cache-dir", f".mypy_cache/{name}", *folders)
    return Check(f"types of {name}", command, {"MYPYPATH": path})


CHECKS = (
    types("server", "server/src:server:tests", "server/src", "server/tests"),
    types("engine", "engine/src:engine", "engine"),
    types("tests", "server/src:engine/src:tests", "tests"),
    types("tools", ".:tests:server/src:engine/src", "tools", "bench"),
    Check("types of the SDK", ("npm", "run", "--silent", "typecheck", "-w", "sdk/calling")),
    Check(
        "types of the effects", ("npm", "run", "--silent", "typecheck", "-w", "sdk/calling-effects")
    ),
    Check("types of the pages", ("npm", "run", "--silent", "typecheck", "-w", "web")),
    Check("lint of Python", (str(BIN / "ruff"), "check", "--quiet", ".")),
    Check("format of Python", (str(BIN / "ruff"), "format", "--quiet", "--diff", ".")),
    Check(
        "lint and format of TypeScript",
        ("npx", "--no-install", "biome", "ci", "--colors=off", "--error-on-warnings", "."),
    ),
    Check(
        "order of imports",
        (str(BIN / "lint-imports"), "--no-logo", "--cache-dir", ".build/import-linter"),
        {"PYTHONPATH": "server/src"},
    ),
    Check(
        "specs",
        (PYTHON, "-m", "tools.schemas", "--check"),
        {"PYTHONPATH": "server/src"},
    ),
    Check("rules and docs", (PYTHON, "-m", "tools.rules")),
)


def judge(check: Check) -> Verdict:
    """Run one check to its end."""
    start = time.monotonic()
    result = subprocess.run(
        check.command,
        cwd=ROOT,
        env={**os.environ, **check.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Verdict(check, result.returncode == 0, result.stdout, time.monotonic() - start)


def main(names: list[str]) -> None:
    """All checks, or those whose names contain one of the words."""
    wanted = [one for one in CHECKS if not names or any(name in one.name for name in names)]
    failed = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for verdict in pool.map(judge, wanted):
            failed += not verdict.passed
            word = "ok" if verdict.passed else "FAILED"
            say(f"{verdict.check.name}: {word} ({verdict.took:.1f} s)")
            if not verdict.passed:
                say(verdict.said.rstrip() + "\n")
    say(f"checks: {len(wanted) - failed} passed, {failed} failed")
    sys.exit(bool(failed) or not wanted)


if __name__ == "__main__":
    main(sys.argv[1:])
