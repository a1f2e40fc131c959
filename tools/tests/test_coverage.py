"""The rules about coverage ask for all of what decides, and for most of the rest."""

from pathlib import Path

from tools.rules import coverage
from tools.rules.coverage import Covered

KERNEL = "server/src/openrooms/kernel/ids.py"
WIRE = "server/src/openrooms/rooms/wire.py"
APP = "server/src/openrooms/app.py"


def test_one_untested_line_of_the_kernel_is_found() -> None:
    found = list(coverage.judge([Covered(KERNEL, 99, 100, 7)]))

    assert [(one.path, one.line) for one in found] == [(KERNEL, 7)]


def test_the_rest_is_taken_together() -> None:
    good = [Covered(APP, 90, 100, 3), Covered("server/src/openrooms/cli.py", 100, 100, 0)]
    bad = [Covered(APP, 80, 100, 3), Covered("server/src/openrooms/cli.py", 100, 100, 0)]

    assert not list(coverage.judge(good))
    assert [one.path for one in coverage.judge(bad)] == [APP, "server/src"]


def test_which_files_must_be_whole() -> None:
    whole = [
        KERNEL,
        WIRE,
        "server/src/openrooms/http/dates.py",
        "server/src/openrooms/media/errors.py",
    ]

    assert all(coverage.must_be_whole(path) for path in whole)
    assert not coverage.must_be_whole(APP)
    assert not coverage.must_be_whole("engine/src/openrooms_engine/model.py")


def test_a_report_is_read_with_its_branches() -> None:
    summary = {"covered_lines": 8, "covered_branches": 3, "num_statements": 10, "num_branches": 4}
    file = {"summary": summary, "missing_lines": [9, 5], "missing_branches": [[4, -1]]}

    assert list(coverage.covered({"files": {WIRE: file}})) == [Covered(WIRE, 11, 14, 4)]


def test_a_module_that_must_be_whole_needs_a_test_file_of_its_own(tmp_path: Path) -> None:
    errors = "server/src/openrooms/rooms/errors.py"
    for path, text in (
        (WIRE, "def f(): ..."),
        (KERNEL, "def f(): ..."),
        (errors, "class A: x = 1"),
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    tests = tmp_path / "server/tests/rooms"
    tests.mkdir(parents=True)
    (tests / "test_wire.py").write_text("")

    files = [Covered(path, 1, 1, 0) for path in (WIRE, KERNEL, errors)]
    found = coverage.own_tests(tmp_path, files)

    assert [one.path for one in found] == [KERNEL]
