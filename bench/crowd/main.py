"""What `make load` prints: one line a figure, after a line that names the machine."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.crowd.hall import hall
from bench.crowd.scenes import Size, whole
from tools.metrics import Metric, report
from tools.terminal import Stuck, give_up

FEWEST = 10


def size_of(people: int) -> Size:
    """A room of so many; in a small one fewer do something else."""
    usual = Size()
    return Size(
        people=people, decrypted=min(people, usual.decrypted), some=min(usual.some, people // 5)
    )


def figures(size: Size, folder: Path) -> Iterator[Metric]:
    with hall(folder / "server", size.people) as opened:
        yield from whole(opened, folder, size)


def main(arguments: list[str]) -> None:
    people = int(arguments[0]) if arguments else Size().people
    if not FEWEST <= people <= Size().people:
        print(f"usage: python -m bench.crowd.main [{FEWEST} to {Size().people} people]")
        sys.exit(2)
    with tempfile.TemporaryDirectory(prefix="openrooms-load-") as folder:
        try:
            met = report(figures(size_of(people), Path(folder)))
        except Stuck as reason:
            give_up(reason)
    sys.exit(not met)


if __name__ == "__main__":
    main(sys.argv[1:])
