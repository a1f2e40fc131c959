"""A figure says its name, its value, its bar, and whether the bar was met."""

import pytest

from tools.metrics import Bar, Metric, machine, report


@pytest.mark.parametrize(
    ("metric", "line"),
    [
        (Metric("start", 2.04, "s", Bar("<=", 3)), "start: 2.0 s (bar: <= 3 s) ok"),
        (Metric("start", 3.04, "s", Bar("<=", 3)), "start: 3.0 s (bar: <= 3 s) MISSED"),
        (
            Metric("rate", 12, "a second", Bar(">=", 10)),
            "rate: 12.0 a second (bar: >= 10 a second) ok",
        ),
        (Metric("picture", 412.31, "ms"), "picture: 412.3 ms (no bar)"),
        (Metric("ratio", 1.149, "", Bar("<=", 1.15)), "ratio: 1.15 (bar: <= 1.15) ok"),
    ],
)
def test_a_figure_in_words(metric: Metric, line: str) -> None:
    assert str(metric) == line


def test_one_missed_bar_fails_a_report_that_starts_with_the_machine(
    capsys: pytest.CaptureFixture[str],
) -> None:
    met = report([Metric("a", 1, "s", Bar("<=", 2)), Metric("b", 3, "s", Bar("<=", 2))])

    assert not met
    assert capsys.readouterr().out.splitlines()[0] == machine()
