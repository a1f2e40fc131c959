"""What is counted is told in Prometheus' text form, and described in the docs."""

from pathlib import Path

from openrooms import metrics

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
