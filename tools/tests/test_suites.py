"""Running suites side by side: nothing is lost, nothing is mixed, a failure is seen."""

import os
import re
import sys

import pytest

from tools.suites import ROOT, STAGES, SUITES, SideBySide, Suite

LASTS = re.compile(r"mark\.lasts\(([^)]*)\)")


def says(name: str, *words: str, code: int = 0) -> Suite:
    """A suite that says some words, a line each."""
    script = f"import sys\nfor word in {words!r}: print(word, flush=True)\nsys.exit({code})"
    return Suite(name, ((sys.executable, "-c", script),))


def test_every_lane_runs_and_a_failure_in_one_stops_no_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lanes = [[says("a", "one", code=1), says("b", "two")], [says("c", "three")]]

    results = SideBySide(lanes).run()

    assert {one.suite.name: one.passed for one in results} == {"a": False, "b": True, "c": True}
    assert "a: FAILED" in capsys.readouterr().out


def test_what_a_suite_says_stays_together(capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(number) for number in range(200)]

    SideBySide([[says("a", *words)], [says("b", *words)]]).run()

    told = capsys.readouterr().out
    assert told.count("\n".join(words)) == 2


def test_a_suite_ends_with_its_first_command_that_fails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, second = says("a", code=3), says("a", "never")
    both = Suite("a", (*first.commands, *second.commands))

    [result] = SideBySide([[both], []]).run()

    assert not result.passed
    assert "never" not in capsys.readouterr().out


def test_the_lanes_beside_the_first_let_it_have_the_processor(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def tells(name: str) -> Suite:
        script = f"import os; print('{name} runs at', os.nice(0) - {os.nice(0)})"
        return Suite(name, ((sys.executable, "-c", script),))

    SideBySide([[tells("a")], [tells("b")]]).run()

    told = capsys.readouterr().out
    assert "a runs at 0\n" in told
    assert "b runs at 5\n" in told


def test_the_stages_name_each_suite_once_and_only_those_that_are_there() -> None:
    staged = [name for stage in STAGES for lane in stage for name in lane]

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
