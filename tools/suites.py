"""Runs the suites one after the other, all of them even when one fails, and sums up at the end."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.terminal import say

ROOT = Path(__file__).resolve().parent.parent
PYTHON = str(ROOT / ".venv" / "bin" / "python")
PYTEST = (PYTHON, "-m", "pytest", "--quiet", "-p", "no:cacheprovider")
COVERAGE = (PYTHON, "-m", "coverage")


@dataclass(frozen=True, slots=True)
class Suite:
    """Some commands that pass or fail together."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    environment: Mapping[str, str] = field(default_factory=dict)


SUITES = (
    Suite("check", ((PYTHON, "-m", "tools.check"),)),
    Suite(
        "python",
        (
            (*COVERAGE, "erase"),
            (*COVERAGE, "run", "--parallel-mode", "-m", *PYTEST[2:]),
        ),
    ),
    Suite(
        "coverage",
        (
            (*COVERAGE, "combine", "--quiet"),
            (*COVERAGE, "json", "--quiet", "-o", ".build/coverage/python.json"),
            (PYTHON, "-m", "tools.rules.coverage"),
        ),
    ),
    Suite("browser", (("npm", "run", "--workspaces", "--if-present", "test"),)),
    Suite("e2e", ((*PYTEST, "tests/e2e"),)),
    Suite("conformance", ((*PYTEST, "tests/conformance"),)),
)


def run(suite: Suite) -> bool:
    """Run one suite, its output going straight to the terminal."""
    say(f"\n=== {suite.name}")
    for command in suite.commands:
        environment = {**os.environ, **suite.environment}
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:
            return False
    return True


def main(names: list[str]) -> None:
    """All suites, or the named ones."""
    unknown = set(names) - {one.name for one in SUITES}
    if unknown:
        say(f"error: no suite {', '.join(unknown)}; there are {', '.join(s.name for s in SUITES)}")
        sys.exit(2)
    (ROOT / ".build" / "coverage").mkdir(parents=True, exist_ok=True)
    lines = []
    failed = 0
    for suite in SUITES:
        if not names or suite.name in names:
            start = time.monotonic()
            passed = run(suite)
            failed += not passed
            took = f"{time.monotonic() - start:.0f} s"
            lines.append(f"{suite.name}: {'ok' if passed else 'FAILED'} ({took})")
    width = min(shutil.get_terminal_size().columns, 60)
    say("\n" + "=" * width + "\n" + "\n".join(lines))
    sys.exit(bool(failed))


if __name__ == "__main__":
    main(sys.argv[1:])
