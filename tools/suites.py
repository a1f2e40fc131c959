"""Runs the suites, all of them even when one fails, and sums up at the end.

Those that are named run one after the other. Without names it is all that CI runs, in stages, some of which
run several at once.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tools.terminal import say

ROOT = Path(__file__).resolve().parent.parent
PYTHON = str(ROOT / ".venv" / "bin" / "python")
PYTEST = (PYTHON, "-m", "pytest", "--quiet", "-p", "no:cacheprovider")
VOLUME = "tests/inputs/test_volume.py"
INPUTS = (*PYTEST, "tests/inputs", f"--ignore={VOLUME}")
COVERAGE = (PYTHON, "-m", "coverage")


@dataclass(frozen=True, slots=True)
class Suite:
    """Some commands that pass or fail together."""

    name: str
    commands: tuple[tuple[str, ...], ...]


def measured(*arguments: str) -> tuple[str, ...]:
    """A run of pytest whose coverage is counted, which costs it as much time again by half."""
    return (*COVERAGE, "run", "-m", *PYTEST[2:], *arguments)


# Tests on both databases run the same code but for the storage's own: it is counted once.
ON_FILES, ON_SERVERS = ("-k", "not postgresql"), ("-k", "postgresql")
CALLING, STORAGE = "server/tests/calling", "server/tests/storage"


SUITES = (
    Suite("check", ((PYTHON, "-m", "tools.check"),)),
    # The call side's tests run an engine: a suite of their own runs beside the others.
    Suite(
        "python",
        (measured(f"--ignore={CALLING}", *ON_FILES), measured(STORAGE, *ON_SERVERS)),
    ),
    Suite("python-calls", (measured(CALLING, *ON_FILES),)),
    Suite("postgresql", ((*PYTEST, f"--ignore={CALLING}", f"--ignore={STORAGE}", *ON_SERVERS),)),
    Suite("postgresql-calls", ((*PYTEST, CALLING, *ON_SERVERS),)),
    Suite(
        "coverage",
        (
            (*COVERAGE, "combine", "--quiet"),
            (*COVERAGE, "json", "--quiet", "-o", ".build/coverage/python.json"),
            (PYTHON, "-m", "tools.rules.coverage"),
        ),
    ),
    # The usual run has a few of these interleavings.
    Suite(
        "model",
        (
            (
                *(*PYTEST, "server/tests/calling/test_machine.py", "-s"),
                *("server/tests/calling/test_races.py", "server/tests/calling/test_media_races.py"),
                *("--machine-runs", os.environ.get("MODEL_RUNS", "300"), "--race-rounds", "200"),
                *("--hypothesis-seed", os.environ.get("MODEL_SEED", "0")),
            ),
        ),
    ),
    Suite("browser", (("npm", "run", "--workspaces", "--if-present", "test"),)),
    # Installs what is compared with: `make types` runs it.
    Suite("types", (("node", "sdk/calling/test-types/run.mjs"),)),
    Suite("e2e", ((*PYTEST, "tests/e2e"),)),
    # All that people do with the call page; `e2e` has a little of it.
    Suite("composite", ((*PYTEST, "tests/composite"),)),
    Suite("wire", ((*PYTEST, "tests/wire"),)),
    Suite("e2e-whole", ((*PYTEST, "tests/e2e", "--kills", "10"),)),
    Suite("wire-whole", ((*PYTEST, "tests/wire", "--rounds", "200"),)),
    # Calls in rooms, which have the most rules; `make calls` has those of all kinds.
    Suite("calls-smoke", ((*PYTEST, "tests/calls", "-k", "room or table"),)),
    Suite("calls", ((*PYTEST, "tests/calls"),)),
    # What the npm packages hold, and that they install; `make packages` builds apps with them.
    Suite("packages-smoke", ((*PYTEST, "-m", "not apps", "tests/packages"),)),
    Suite("packages", ((*PYTEST, "tests/packages"),)),
    # Hundreds of calls in one page, one after the other: nothing is left of them.
    Suite(
        "soak",
        ((*PYTEST, "tests/soak/test_many_calls.py", "--joins", os.environ.get("JOINS", "300")),),
    ),
    # Days of a server's life: nothing of them is left, and nothing grows.
    Suite(
        "soak-server",
        (
            (
                *(*PYTEST, "tests/soak/test_server_life.py", "-s"),
                *("--minutes", os.environ.get("MINUTES", "60")),
                *("--store", os.environ.get("STORE", "sqlite")),
            ),
        ),
    ),
    # What stands in front of a server: `make proxy` alone has it.
    Suite("proxy", ((*PYTEST, "tests/proxy"),)),
    # A second browser, too: `make firefox` alone has it.
    Suite("firefox", ((*PYTEST, "tests/firefox"),)),
    # A JDK is too much to ask of everybody: `make conformance` runs the SDKs that need one.
    Suite("conformance", ((*PYTEST, "-m", "not java", "tests/conformance"),)),
    Suite("java", ((*PYTEST, "-m", "java", "tests/conformance"),)),
    Suite("inputs", (INPUTS,)),
    Suite("volume", ((*PYTEST, VOLUME),)),
    # The same, but sieges and crowds, which take long, at one database; `make inputs` has both.
    Suite("inputs-usual", ((*INPUTS, "-k", "not (postgresql and (siege or crowds))"),)),
    Suite("volume-usual", ((*PYTEST, VOLUME, *ON_FILES),)),
    Suite("hostile", ((*PYTEST, "tests/hostile"),)),
    Suite("hostile-whole", ((*PYTEST, "tests/hostile", "--whole"),)),
    # Each guard taken out once, and the tests that must fail then; a few of them, or all.
    Suite("guards-sample", ((PYTHON, "tests/hostile/guards.py", "--sample"),)),
    Suite("guards", ((PYTHON, "tests/hostile/guards.py"),)),
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
    ),
    # A little of each fault; `make fault` takes the whole dose.
    Suite("faults", ((*PYTEST, "tests/fault"),)),
    Suite(
        "fault",
        (
            (
                *(*PYTEST, "tests/fault", "--kills", "100", "--lock-seconds", "30"),
                *("--longest-wait", "300", "--sleep-seconds", "300"),
            ),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """Names of suites: `first` run one after the other, and `beside` them, if any, all the others."""

    first: tuple[str, ...]
    beside: tuple[str, ...] = ()


# What CI runs. What suites do most of the time is wait for servers and browsers.
STAGES = (
    Stage(("check",)),
    Stage(
        # What people see and how soon, and how long others are kept waiting, is measured.
        ("e2e", "inputs-usual", "faults"),
        # The long ones come first, so that the lanes end together.
        (
            *("python", "postgresql-calls", "conformance", "hostile", "python-calls", "wire"),
            *("postgresql", "calls-smoke", "browser", "fuzz-smoke", "packages-smoke"),
        ),
    ),
    # How much a server bears is measured: nothing else runs meanwhile.
    Stage(("coverage", "volume-usual")),
)
# How many suites run at once: on two cores, for they wait for half of their time.
LANES = 3
# How often a person who waits is told what runs.
PULSE_SECONDS = 60.0
YIELDING = ("nice", "-n", "5")


@dataclass(frozen=True, slots=True)
class Result:
    """How a suite went."""

    suite: Suite
    passed: bool
    seconds: float

    def __str__(self) -> str:
        return f"{self.suite.name}: {'ok' if self.passed else 'FAILED'} ({self.seconds:.0f} s)"


def run(suite: Suite, output: IO[bytes] | None, *, yields: bool = False) -> Result:
    """Run one suite; its output goes to a file, or straight to the terminal.

    `yields`: it lets others have the processor first.
    """
    start = time.monotonic()
    # Colours are for eyes: in a file they hide the words from whoever searches it.
    plain = {} if output is None and sys.stdout.isatty() else {"NO_COLOR": "1"}
    passed = all(
        subprocess.run(
            (*YIELDING, *command) if yields else command,
            cwd=ROOT,
            env=os.environ | plain,
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
            check=False,
        ).returncode
        == 0
        for command in suite.commands
    )
    return Result(suite, passed, time.monotonic() - start)


def run_seen(suite: Suite) -> Result:
    """Run one suite alone, seen as it goes."""
    say(f"\n=== {suite.name}")
    return run(suite, None)


class SideBySide:
    """Suites in lanes: what each says is kept, and shown in one piece at its end.

    The first lane runs those whose figures count, and then helps: the others, which take `beside` in
    their order, let it have the processor first.
    """

    def __init__(self, first: Sequence[Suite], beside: Sequence[Suite]) -> None:
        self._first = deque(first)
        self._beside = deque(beside)
        self._voice = threading.Lock()
        self._running: set[str] = set()
        self._done = threading.Event()

    def run(self) -> list[Result]:
        with ThreadPoolExecutor(LANES + 1) as pool:
            pool.submit(self._pulse)
            lanes = [pool.submit(self._lane, yields=at > 0) for at in range(LANES)]
            try:
                return [result for lane in lanes for result in lane.result()]
            finally:
                self._done.set()

    def _lane(self, *, yields: bool) -> list[Result]:
        queues = (self._beside,) if yields else (self._first, self._beside)
        return [self._suite(one, yields=yields) for queue in queues for one in _taken(queue)]

    def _suite(self, suite: Suite, *, yields: bool) -> Result:
        self._running.add(suite.name)
        with tempfile.TemporaryFile() as output:
            result = run(suite, output, yields=yields)
            output.seek(0)
            told = output.read().decode(errors="replace")
        self._running.discard(suite.name)
        with self._voice:
            say(f"\n=== {suite.name}\n{told.rstrip()}\n{result}")
        return result

    def _pulse(self) -> None:
        while not self._done.wait(PULSE_SECONDS):
            with self._voice:
                say(f"... running: {', '.join(sorted(self._running))}")


def _taken(queue: deque[Suite]) -> Iterator[Suite]:
    """What is left of a queue that others take from as well."""
    with suppress(IndexError):
        while True:
            yield queue.popleft()


def run_stages() -> list[Result]:
    """All that CI runs."""
    by_name = {one.name: one for one in SUITES}
    results: list[Result] = []
    for stage in STAGES:
        first, beside = ([by_name[name] for name in names] for names in (stage.first, stage.beside))
        results += SideBySide(first, beside).run() if beside else map(run_seen, first)
    return results


def main(names: list[str]) -> None:
    """All suites, or the named ones."""
    by_name = {one.name: one for one in SUITES}
    unknown = set(names) - by_name.keys()
    if unknown:
        say(f"error: no suite {', '.join(unknown)}; there are {', '.join(by_name)}")
        sys.exit(2)
    counted = ROOT / ".build" / "coverage"
    counted.mkdir(parents=True, exist_ok=True)
    if not names or "python" in names:
        # What an earlier run counted.
        for old in counted.glob("python*"):
            old.unlink()
    results = [run_seen(by_name[name]) for name in names] if names else run_stages()
    failed = sum(not result.passed for result in results)
    say("\n===\n" + "\n".join(map(str, results)))
    say(f"suites: {len(results) - failed} passed, {failed} failed")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main(sys.argv[1:])
