"""Takes each guard out of the server once, and shows that its tests fail then.

`python tests/hostile/guards.py [--sample]`: one line a guard; status 1 when a test does not notice. A
sample takes one guard of each module.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SUITE = Path(__file__).parent
PYTEST = (sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", "--tb=line")
AT_ONCE = 2
WITHIN = 180.0


def known_guards() -> list[str]:
    """The guards of all tests; several that are taken out together are joined by commas."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "guards"
        command = [*PYTEST, "--collect-only", "--show-guards", str(file), str(SUITE)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return file.read_text().split("\n")


def sample(guards: list[str]) -> list[str]:
    """The first guard of each module."""
    first: dict[str, str] = {}
    for guard in guards:
        first.setdefault(guard.partition(":")[0], guard)
    return list(first.values())


def is_noticed(guard: str) -> bool:
    """Whether every test of the guard fails without it."""
    start = time.monotonic()
    command = [*PYTEST, "-rA", "--breach", guard, str(SUITE)]
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=WITHIN, env=os.environ
        )
        output, status = ran.stdout, ran.returncode
    except subprocess.TimeoutExpired as late:
        output, status = str(late.stdout), -1
    failed = re.findall(r"^FAILED (\S+)", output, re.MULTILINE)
    passed = re.findall(r"^PASSED (.+)", output, re.MULTILINE)
    broken = re.findall(r"^ERROR (.+)", output, re.MULTILINE)
    noticed = status == 1 and bool(failed) and not passed and not broken
    took = time.monotonic() - start
    print(f"without {guard}: {len(failed)} fail, {len(passed)} pass, {took:.0f} s: ", end="")
    print("noticed" if noticed else f"NOT NOTICED {passed} {broken}\n{output[-2000:]}", flush=True)
    return noticed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", action="store_true", help="one guard of each module")
    parser.add_argument("--only", default="", help="guards that have this in their name")
    chosen = parser.parse_args()
    guards = [one for one in known_guards() if chosen.only in one]
    if chosen.sample:
        guards = sample(guards)
    with ThreadPoolExecutor(AT_ONCE) as runs:
        noticed = list(runs.map(is_noticed, guards))
    print(f"guards: {sum(noticed)} of {len(noticed)} noticed when they are gone")
    sys.exit(not all(noticed) or not noticed)


if __name__ == "__main__":
    main()
