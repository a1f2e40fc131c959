"""What `make bench` prints: one line a figure, group by group, after a line that names the machine."""

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from bench import postgres, product, rest, sdk, slope, volume
from tools.metrics import Metric, report
from tools.terminal import Stuck, give_up, say

Measure = Callable[[Path], Iterator[Metric]]

GROUPS: Mapping[str, Measure] = MappingProxyType(
    {
        "product": product.measure,
        "sdk": sdk.measure,
        "slope": slope.measure,
        "rest": rest.measure,
        "volume": volume.measure,
        "postgres": postgres.measure,
    }
)


def figures(names: list[str], folder: Path) -> Iterator[Metric]:
    """The figures of all groups, or of the named ones, each as soon as it is known."""
    for name, measure in GROUPS.items():
        if not names or name in names:
            (folder / name).mkdir()
            yield from measure(folder / name)


def main(names: list[str]) -> None:
    unknown = set(names) - set(GROUPS)
    if unknown:
        say(f"error: no group {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}")
        sys.exit(2)
    with tempfile.TemporaryDirectory(prefix="openrooms-bench-") as folder:
        try:
            met = report(figures(names, Path(folder)))
        except Stuck as reason:
            give_up(reason)
    sys.exit(not met)


if __name__ == "__main__":
    main(sys.argv[1:])
