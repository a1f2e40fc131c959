"""How long, by which seed, against which descriptions; and the verdict at the end."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.fuzz.watching import Tally, Watch
from support.inputs.house import open_house
from support.report import figure, lines

OURS = Path(__file__).parents[2] / "specs"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is given."""

    seconds: float
    seed: int
    specs: Path


@pytest.fixture(scope="session")
def plan(pytestconfig: pytest.Config) -> Plan:
    option = pytestconfig.getoption
    return Plan(option("--seconds"), option("--seed"), Path(option("--specs") or OURS))


@pytest.fixture(scope="session")
def watch(tmp_path_factory: pytest.TempPathFactory, plan: Plan) -> Iterator[Watch]:
    """A house, and the tally of all that is thrown at it."""
    tally = Tally()
    with open_house(tmp_path_factory.mktemp("fuzz")) as house:
        made = Watch(house, tally)
        yield made
        made.close()
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(tally.statuses.items()))
    lines.append(f"seed: {plan.seed}; answers by status (0: closed): {statuses}")
    lines.append(f"requests: {tally.requests}")
    figure("5xx", tally.faults, at_most=0, unit="")
    figure("hangs", tally.hangs, at_most=0, unit="")
    figure("changes by refused requests", tally.changes, at_most=0, unit="")
