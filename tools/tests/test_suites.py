"""Running suites side by side: nothing is lost, nothing is mixed, a failure is seen."""

import os
import re
import sys
from pathlib import Path

import pytest

from tools.suites import ROOT, STAGES, SUITES, SideBySide, Suite

LASTS = re.compile(r"mark\.lasts\(([^)]*)\)")


def says(name: str, *words: str, code: int = 0) -> Suite:
    """A suite that says some words, a line each."""
    script = f"import sys\nfor word in {words!r}: print(word, flush=True)\nsys.exit({code})"
    return Suite(name, ((sys.executable, "-c", script),))


def test_every_suite_runs_once_and_a_failure_in_one_stops_no_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    beside = [says(name, name) for name in "cdefgh"]

    results = SideBySide([says("a", "one", code=1), says("b", "two")], beside).run()

    told = capsys.readouterr().out
    assert sorted((one.suite.name, one.passed) for one in results) == [
        ("a", False),
        *((name, True) for name in "bcdefgh"),
    ]
    assert "a: FAILED" in told
    assert all(told.count(f"=== {name}\n") == 1 for name in "abcdefgh")


def test_what_a_suite_says_stays_together(capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(number) for number in range(200)]

    SideBySide([says("a", *words)], [says("b", *words)]).run()

    told = capsys.readouterr().out
    assert told.count("\n".join(words)) == 2


def test_a_suite_ends_with_its_first_command_that_fails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, second = says("a", code=3), says("a", "never")
    both = Suite("a", (*first.commands, *second.commands))

    [result] = SideBySide([both], []).run()

    assert not result.passed
    assert "never" not in capsys.readouterr().out


def test_what_runs_beside_the_first_lets_it_have_the_processor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    last = tmp_path / "last"

    def tells(name: str, then: str) -> Suite:
        script = (
            f"import os, pathlib, time; print('{name} runs at', os.nice(0) - {os.nice(0)}); {then}"
        )
        return Suite(name, ((sys.executable, "-c", script),))

    # The first goes on until those beside it are through: it can take none of them.
    waits = f"\nwhile not pathlib.Path({str(last)!r}).exists(): time.sleep(0.01)"
    ends = f"pathlib.Path({str(last)!r}).touch()"
    SideBySide([tells("a", waits)], [tells("b", ""), tells("c", ""), tells("d", ends)]).run()

    told = capsys.readouterr().out
    assert "a runs at 0\n" in told
    assert all(f"{name} runs at 5\n" in told for name in "bcd")


def test_the_stages_name_each_suite_once_and_only_those_that_are_there() -> None:
    staged = [name for stage in STAGES for name in (*stage.first, *stage.beside)]

    assert len(staged) == len(set(staged))
    assert set(staged) <= {one.name for one in SUITES}


def test_every_fault_is_short_enough_to_be_run_by_the_whole_dose() -> None:
    [command] = next(one for one in SUITES if one.name == "fault").commands
    longest = float(command[command.index("--longest-wait") + 1])
    marks = [
        (file.name, float(seconds))
        for file in sorted((ROOT / "tests").rglob("*.py"))
        for seconds in LASTS.findall(file.read_text())
    ]

    assert marks
    assert [one for one in marks if one[1] > longest] == []
