"""What is counted is told in Prometheus' text form, and described in the docs."""

import re
from pathlib import Path
from typing import Any

import yaml

from openrooms import metrics

DOCS = Path(__file__).parents[3] / "docs"
OPERATING = DOCS / "operating.md"
# What a collector knows a metric by, beside its own name.
SERIES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}


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


def test_the_rules_for_alerts_ask_for_metrics_that_there_are() -> None:
    series = {
        metric.name + suffix: metric
        for metric in metrics.REGISTRY.collect()
        for suffix in SERIES[metric.type]
    }
    rules: list[dict[str, Any]] = [
        rule
        for group in yaml.safe_load((DOCS / "alerts.yml").read_text())["groups"]
        for rule in group["rules"]
    ]

    asked = {name for rule in rules for name in re.findall(r"openrooms_\w+", rule["expr"])}
    assert asked
    assert asked - series.keys() == set()
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
