"""Counters and histograms that cost a request little; the library writes them when it is asked.

Its own have a lock for each of their numbers and walk from bucket to bucket, which costs eight
times as much. Threads may share ours, too: the interpreter changes from one to another at calls
and at jumps back, and an addition has neither in it.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.samples import Sample

from openrooms.kernel.clock import system_clock


class Count:
    """How often something has happened."""

    __slots__ = ("since", "value")

    def __init__(self) -> None:
        self.since = system_clock().timestamp()
        self.value = 0

    def inc(self, amount: int = 1) -> None:
        self.value += amount


class Counter:
    """Counts by labels."""

    def __init__(
        self,
        name: str,
        documentation: str,
        labels: Sequence[str] = (),
        *,
        registry: CollectorRegistry,
        known: Sequence[tuple[str, ...]] = (),
    ) -> None:
        """`known`: labels that are told from the start. Of others, nobody sees the first as a rise."""
        self._name = name
        self._documentation = documentation
        self._labels = labels
        self._counts = {values: Count() for values in known}
        registry.register(self)

    def labels(self, *values: str) -> Count:
        """The count with these labels, which begins when it is first asked for."""
        return self._counts.get(values) or self._counts.setdefault(values, Count())

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Tell the library."""
        family = CounterMetricFamily(self._name, self._documentation, labels=self._labels)
        for values, count in list(self._counts.items()):
            family.add_metric(values, count.value, created=count.since)
        yield family


class Spread:
    """How values are spread over buckets. A bucket holds what is not above its bound."""

    __slots__ = ("_bounds", "counts", "since", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.since = system_clock().timestamp()
        # The last is of what is above all bounds.
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self._bounds, value)] += 1
        self.total += value


class Histogram:
    """Spreads by labels."""

    def __init__(
        self,
        name: str,
        documentation: str,
        labels: Sequence[str],
        *,
        buckets: Sequence[float],
        registry: CollectorRegistry,
    ) -> None:
        self._name = name
        self._documentation = documentation
        self._labels = labels
        self._bounds = tuple(buckets)
        self._spreads: dict[tuple[str, ...], Spread] = {}
        registry.register(self)

    def labels(self, *values: str) -> Spread:
        """The spread with these labels, which begins when it is first asked for."""
        return self._spreads.get(values) or self._spreads.setdefault(values, Spread(self._bounds))

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """Tell the library, for which a bucket holds what is in those before it, too."""
        family = HistogramMetricFamily(self._name, self._documentation, labels=self._labels)
        ends = [*(str(float(bound)) for bound in self._bounds), "+Inf"]
        for values, spread in list(self._spreads.items()):
            held = list(zip(ends, accumulate(spread.counts), strict=True))
            family.add_metric(values, held, spread.total)
            named = dict(zip(self._labels, values, strict=True))
            family.samples.append(Sample(f"{self._name}_created", named, spread.since))
        yield family
