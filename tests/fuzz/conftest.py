"""How long, on which databases, by which seed, against which descriptions; and the verdict at the end."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.databases import KINDS, store_of
from support.fuzz.watching import Tally, Watch
from support.inputs.house import open_house
from support.report import figure, lines

OURS = Path(__file__).parents[2] / "specs"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is given."""

    seconds: float
    seed: int
    # Ours, and those that are given beside them.
    specs: tuple[Path, ...]

    @property
    def seconds_a_store(self) -> float:
        """The databases share the time."""
        return self.seconds / len(KINDS)


@pytest.fixture(scope="session")
def plan(pytestconfig: pytest.Config) -> Plan:
    option = pytestconfig.getoption
    given = option("--specs")
    specs = (OURS, Path(given)) if given else (OURS,)
    return Plan(option("--seconds"), option("--seed"), specs)


@pytest.fixture(scope="session", params=KINDS)
def watch(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, plan: Plan
) -> Iterator[Watch]:
    """A house on each of the databases, and the tally of all that is thrown at it."""
    tally = Tally()
    with (
        store_of(request) as url,
        open_house(tmp_path_factory.mktemp("fuzz"), database=url) as house,
    ):
        made = Watch(house, tally)
        yield made
        made.close()
    _tell(tally, f"{house.store}, seed {plan.seed}")


def _tell(tally: Tally, run: str) -> None:
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(tally.statuses.items()))
    lines.append(f"{run}: {tally.requests} requests; answers by status (0: closed): {statuses}")
    figure(f"{run}: 5xx", tally.faults, at_most=0, unit="")
    figure(f"{run}: hangs", tally.hangs, at_most=0, unit="")
    figure(f"{run}: changes by refused requests", tally.changes, at_most=0, unit="")
