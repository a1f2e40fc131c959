"""Figures and their bars, printed the same way by every program that measures."""

import operator
import os
import platform
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tools.terminal import say

SIGNS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {"<=": operator.le, ">=": operator.ge, "==": operator.eq}
)


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure must keep to: `<= 90`."""

    sign: str
    value: float

    def is_met_by(self, value: float) -> bool:
        return SIGNS[self.sign](value, self.value)


@dataclass(frozen=True, slots=True)
class Metric:
    """One measured figure; without a bar it only informs."""

    name: str
    value: float
    unit: str
    bar: Bar | None = None

    @property
    def is_met(self) -> bool:
        # What is held to the bar is the figure itself, not what rounding makes of it.
        return self.bar is None or self.bar.is_met_by(self.value)

    def __str__(self) -> str:
        # A ratio has no unit, and is small.
        told = (
            f"{self.name}: {self.value:.1f} {self.unit}"
            if self.unit
            else (f"{self.name}: {self.value:.2f}")
        )
        if self.bar is None:
            return f"{told} (no bar)"
        wanted = f"{self.bar.sign} {self.bar.value:g} {self.unit}".rstrip()
        verdict = "ok" if self.is_met else "MISSED"
        return f"{told} (bar: {wanted}) {verdict}"


def machine() -> str:
    """The line that names the machine: figures of different ones are not comparable."""
    cores = os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return (
        f"machine: {cores} cores {processor()}, {memory:.0f} GiB, {system},"
        f" Python {platform.python_version()}"
    )


def processor() -> str:
    """The processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "of unknown kind"
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or "of unknown kind")


def report(metrics: Iterable[Metric]) -> bool:
    """Print the machine and the figures; whether every bar was met."""
    say(machine())
    met = True
    for metric in metrics:
        say(str(metric))
        met = met and metric.is_met
    return met
