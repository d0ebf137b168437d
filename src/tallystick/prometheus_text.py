"""Writes metrics in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from tallystick.metric_family import BUCKETS, MetricFamily

_BOUNDS = [*map(str, BUCKETS), "+Inf"]


def write_text(families: Iterable[MetricFamily]) -> bytes:
    """Return the families as text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Written(families))
    return generate_latest(registry)


class _Written(Collector):
    def __init__(self, families: Iterable[MetricFamily]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        return map(_metric, self._families)


def _metric(family: MetricFamily) -> Metric:
    kind, name, description, labels, samples = family[:5]
    if kind == "histogram":
        histogram = HistogramMetricFamily(name, description, labels=labels)
        for values, counts in samples.items():
            histogram.add_metric(values, _buckets(counts), counts[-1])
        return histogram
    make = CounterMetricFamily if kind == "counter" else GaugeMetricFamily
    metric = make(name, description, labels=labels)
    for values, number in samples.items():
        metric.add_metric(values, number)
    return metric


def _buckets(counts: Sequence[float]) -> list[tuple[str, float]]:
    return list(zip(_BOUNDS, accumulate(counts[:-1]), strict=True))
