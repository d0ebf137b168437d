"""A metric with all its samples, as Prometheus knows it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Upper bounds in seconds; one more bucket holds everything longer."""


class MetricFamily(NamedTuple):
    """A metric: its name, its description for people, and its samples by the labels' values."""

    kind: Literal["counter", "gauge", "histogram"]
    name: str
    description: str
    labels: tuple[str, ...]
    samples: Mapping[tuple[str, ...], Any]
    """Numbers, or the counts of a `DurationCounts` for a histogram."""


class DurationCounts:
    """How many durations fell into each of `BUCKETS`, and their sum."""

    def __init__(self) -> None:
        self.counts = [0.0] * (len(BUCKETS) + 2)
        """The number in each bucket, and last the sum in seconds."""

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.counts[-1] += seconds


def gauge(name: str, description: str, value: float | None) -> MetricFamily:
    """Return a gauge without labels; None is no sample."""
    return MetricFamily("gauge", name, description, (), {} if value is None else {(): value})
