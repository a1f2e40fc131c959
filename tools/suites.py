"""Runs the suites one after the other, all of them even when one fails, and sums up at the end."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
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
    # Whether it runs when none is named.
    usual: bool = True


SUITES = (
    Suite("check", ((PYTHON, "-m", "tools.check"),)),
    Suite(
        "python",
        (
            (*COVERAGE, "erase"),
            (*COVERAGE, "run", "-m", *PYTEST[2:]),
            (*COVERAGE, "combine", "--quiet"),
            (*COVERAGE, "json", "--quiet", "-o", ".build/coverage/python.json"),
            (PYTHON, "-m", "tools.rules.coverage"),
        ),
    ),
    Suite("browser", (("npm", "run", "--workspaces", "--if-present", "test"),)),
    Suite("e2e", ((*PYTEST, "tests/e2e"),)),
    # A JDK is too much to ask of everybody: `make conformance` runs the SDKs that need one.
    Suite("conformance", ((*PYTEST, "-m", "not java", "tests/conformance"),)),
    Suite("java", ((*PYTEST, "-m", "java", "tests/conformance"),), usual=False),
    Suite("inputs", ((*PYTEST, "tests/inputs"),)),
    # A short look; `make fuzz` takes as long as it is told.
    Suite("fuzz-smoke", ((*PYTEST, "tests/fuzz"),)),
    Suite(
        "fuzz",
        (
            (
                *(*PYTEST, "tests/fuzz", "--seconds", os.environ.get("FUZZ_SECONDS", "300")),
                *(
                    "--seed",
                    os.environ.get("FUZZ_SEED", "1"),
                    "--specs",
                    os.environ.get("SPECS", ""),
                ),
            ),
        ),
        usual=False,
    ),
    # A little of each fault; `make fault` takes the whole dose.
    Suite("faults", ((*PYTEST, "tests/fault"),)),
    Suite(
        "fault",
        (
            (
                *(*PYTEST, "tests/fault", "--kills", "100", "--lock-seconds", "30"),
                *("--longest-wait", "150"),
            ),
        ),
        usual=False,
    ),
)


def run(suite: Suite) -> bool:
    """Run one suite, its output going straight to the terminal."""
    say(f"\n=== {suite.name}")
    for command in suite.commands:
        # Colours are for eyes: in a file they hide the words from whoever searches it.
        plain = {} if sys.stdout.isatty() else {"NO_COLOR": "1"}
        if subprocess.run(command, cwd=ROOT, env=os.environ | plain, check=False).returncode != 0:
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
    wanted = [one for one in SUITES if one.name in names or (one.usual and not names)]
    for suite in wanted:
        start = time.monotonic()
        passed = run(suite)
        failed += not passed
        lines.append(
            f"{suite.name}: {'ok' if passed else 'FAILED'} ({time.monotonic() - start:.0f} s)"
        )
    say("\n===\n" + "\n".join(lines))
    say(f"suites: {len(wanted) - failed} passed, {failed} failed")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main(sys.argv[1:])
