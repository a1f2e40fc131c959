"""What is counted is told in Prometheus' text form, and described in the docs."""

import re
from pathlib import Path

from openrooms import metrics
from openrooms.storage.errors import DatabaseAway

OPERATING = Path(__file__).parents[3] / "docs" / "operating.md"


def test_every_metric_is_told() -> None:
    text = metrics.show().decode()

    assert "# TYPE openrooms_requests_total counter" in text
    assert "process_resident_memory_bytes" in text


def test_every_metric_is_described_in_the_docs_and_nothing_else_is() -> None:
    ours = {
        sample.name + ("_total" if sample.type == "counter" else "")
        for sample in metrics.REGISTRY.collect()
        if sample.name.startswith("openrooms_")
    }
    described = {
        cell.strip("` ")
        for line in OPERATING.read_text().splitlines()
        if line.startswith("| `openrooms_")
        for cell in [line.split("|")[1]]
    }

    assert described == ours


def test_every_error_of_the_database_is_counted_from_the_start() -> None:
    told = metrics.show().decode()

    counted = set(re.findall(r'openrooms_database_errors_total\{error="(\w+)"\}', told))
    assert counted == {error.__name__ for error in kinds_of(DatabaseAway)}


def kinds_of(error: type[DatabaseAway]) -> set[type[DatabaseAway]]:
    """The error, and each of its kinds."""
    return {error}.union(*(kinds_of(kind) for kind in error.__subclasses__()))
