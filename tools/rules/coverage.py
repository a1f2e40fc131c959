"""Rules about coverage: 100 % of branches where decisions and formats live, 95 % of the rest.

Reads the JSON report of coverage.py; `make unit` writes it.
"""

import ast
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.rules.finding import Finding

REPORT = ".build/coverage/python.json"
SERVICE = "server/src/openrooms/"
WHOLE_FOLDERS = ("kernel", "http")
WHOLE_FILES = ("model.py", "wire.py", "errors.py")
REST = 95.0


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of one file the tests run: lines and branches, counted together."""

    path: str
    hit: int
    total: int
    first_missing: int

    @property
    def is_whole(self) -> bool:
        return self.hit == self.total


def covered(report: Mapping[str, Any]) -> Iterator[Covered]:
    """The files of a report."""
    for path, file in report["files"].items():
        summary = file["summary"]
        hit = summary["covered_lines"] + summary["covered_branches"]
        total = summary["num_statements"] + summary["num_branches"]
        missing = [*file["missing_lines"], *(start for start, _ in file["missing_branches"])]
        yield Covered(path, hit, total, abs(min(missing, key=abs, default=0)))


def must_be_whole(path: str) -> bool:
    """Whether the file decides or speaks a format, so that every branch of it needs a test."""
    if not path.startswith(SERVICE):
        return False
    folder, _, name = path.removeprefix(SERVICE).rpartition("/")
    return folder.partition("/")[0] in WHOLE_FOLDERS or name in WHOLE_FILES


def judge(files: list[Covered]) -> Iterator[Finding]:
    """Each file that must be whole and is not; then the rest, taken together."""
    rest = [one for one in files if not must_be_whole(one.path)]
    for one in files:
        if must_be_whole(one.path) and not one.is_whole:
            what = f"{one.hit} of {one.total} lines and branches are tested; all must be"
            yield Finding(one.path, one.first_missing, "coverage", what)
    hit, total = sum(one.hit for one in rest), sum(one.total for one in rest)
    if hit * 100 < REST * total:
        share = 100 * hit / total
        for one in sorted(rest, key=lambda one: one.hit - one.total)[:10]:
            if not one.is_whole:
                what = f"{one.hit} of {one.total} lines and branches are tested"
                yield Finding(one.path, one.first_missing, "coverage", what)
        what = f"{share:.1f} % of all other files is tested; at least {REST:.0f} % must be"
        yield Finding("server/src", 1, "coverage", what)


def own_tests(root: Path, files: list[Covered]) -> Iterator[Finding]:
    """Each such module that does something has a test file of its own name, in its folder's place."""
    for one in files:
        if not must_be_whole(one.path) or not decides((root / one.path).read_text()):
            continue
        folder, _, name = one.path.removeprefix(SERVICE).rpartition("/")
        tests = root / "server" / "tests" / folder
        stem = name.removesuffix(".py")
        if not any(tests.glob(f"test_{stem}*.py")):
            what = f"the module has no test file server/tests/{folder}/test_{stem}.py"
            yield Finding(one.path, 1, "own-test", what)


def decides(text: str) -> bool:
    """Whether a module does anything: one that only declares is run by the tests of its users."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(ast.parse(text))
    )


def main() -> None:
    root = Path.cwd()
    files = list(covered(json.loads((root / REPORT).read_text())))
    found = sorted([*judge(files), *own_tests(root, files)])
    for one in found:
        print(one)
    whole = sum(must_be_whole(one.path) for one in files)
    hit, total = sum(one.hit for one in files), sum(one.total for one in files)
    print(
        f"coverage: {100 * hit / max(total, 1):.1f} % of {len(files)} files; 100 % asked of {whole}"
    )
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
