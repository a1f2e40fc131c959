"""Our counters and histograms are told as the library tells its own."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import prometheus_client
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.samples import Sample

from openrooms.counting import Counter, Histogram

BOUNDS = (0.0005, 0.5, 1, 10, 2500)


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads that are changed as often as the interpreter can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def told(families: Iterable[Metric]) -> Sequence[tuple[str, str, str, list[Sample]]]:
    """All but the time at which each was begun."""
    return [
        (
            one.name,
            one.documentation,
            one.type,
            [sample for sample in one.samples if not sample.name.endswith("_created")],
        )
        for one in families
    ]


@given(st.lists(st.sampled_from(BOUNDS) | st.floats(0, 5000), max_size=20))
def test_a_histogram_is_told_as_the_librarys(values: list[float]) -> None:
    registry = CollectorRegistry()
    ours = Histogram("seconds", "Time.", ("kind",), buckets=BOUNDS, registry=registry)
    theirs = prometheus_client.Histogram(
        "seconds", "Time.", ("kind",), buckets=BOUNDS, registry=None
    )

    for value in values:
        ours.labels("read").observe(value)
        theirs.labels("read").observe(value)

    assert told(ours.collect()) == told(theirs.collect())


def test_a_counter_is_told_as_the_librarys() -> None:
    ours = Counter("jobs", "Jobs.", ("kind", "status"), registry=CollectorRegistry())
    theirs = prometheus_client.Counter("jobs", "Jobs.", ("kind", "status"), registry=None)

    for counter in (ours, theirs):
        counter.labels("read", "200").inc()
        counter.labels("read", "200").inc(3)
        counter.labels("write", "404").inc()

    assert told(ours.collect()) == told(theirs.collect())


def test_what_has_no_labels_is_told_from_the_start() -> None:
    ours = Counter("starts", "Starts.", registry=CollectorRegistry())
    theirs = prometheus_client.Counter("starts", "Starts.", registry=None)

    ours.labels()

    assert told(ours.collect()) == told(theirs.collect())


def test_the_text_says_since_when_each_is_counted() -> None:
    registry = CollectorRegistry(auto_describe=True)
    Counter("jobs", "Jobs.", ("kind",), registry=registry).labels("read")
    Histogram("seconds", "Time.", ("kind",), buckets=BOUNDS, registry=registry).labels("read")

    text = generate_latest(registry).decode()

    assert '# TYPE jobs_created gauge\njobs_created{kind="read"} ' in text
    assert '# TYPE seconds_created gauge\nseconds_created{kind="read"} ' in text


def test_threads_may_share_them(hasty: None) -> None:
    registry = CollectorRegistry()
    count = Counter("jobs", "Jobs.", registry=registry).labels()
    spread = Histogram("seconds", "Time.", (), buckets=BOUNDS, registry=registry).labels()

    def work(times: int) -> None:
        for _ in range(times):
            count.inc()
            spread.observe(0.5)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, [1000] * 8))

    assert (count.value, spread.counts, spread.total) == (8000, [0, 8000, 0, 0, 0, 0], 4000.0)
