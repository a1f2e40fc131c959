"""Figures that scenarios measure: each is held to its bar, and all are printed at the end of a run."""

lines: list[str] = []


def figure(name: str, value: float, *, at_most: float, unit: str) -> None:
    """Note a figure and hold it to its bar."""
    met = value <= at_most
    told = f"{name}: {value:.2f} {unit} (bar: <= {at_most:g} {unit}) {'ok' if met else 'MISSED'}"
    lines.append(told)
    assert met, told
