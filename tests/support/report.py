"""Figures that scenarios measure: each is held to its bar, and all are printed at the end of a run."""

from collections.abc import Callable, Sequence
from statistics import median

lines: list[str] = []
# How often a figure is measured once more that a busy machine may have spoilt.
AGAIN = 2


def figure(name: str, value: float, *, at_most: float, unit: str) -> None:
    """Note a figure and hold it to its bar."""
    met = value <= at_most
    told = f"{name}: {value:.2f} {unit} (bar: <= {at_most:g} {unit}) {'ok' if met else 'MISSED'}"
    lines.append(told)
    assert met, told


def figures(name: str, values: Sequence[float], *, at_most: float, unit: str) -> None:
    """Note figures of the same doing, one by one, and hold the worst to the bar."""
    lines.append(f"{name}, each: {', '.join(f'{value:.2f}' for value in values)} {unit}")
    lines.append(f"{name}, median: {median(values):.2f} {unit}")
    figure(f"{name}, worst of {len(values)}", max(values), at_most=at_most, unit=unit)


def figure_of_few(
    name: str, measure: Callable[[], Sequence[float]], *, at_most: float, unit: str
) -> None:
    """Measure; when a busy machine makes one miss the bar, measure all again: each one's best counts."""
    values = list(measure())
    for _ in range(AGAIN):
        if max(values) <= at_most:
            break
        lines.append(f"{name}: {max(values):.2f} {unit}, measured once more")
        values = [min(pair) for pair in zip(values, measure(), strict=True)]
    figure(name, max(values), at_most=at_most, unit=unit)
