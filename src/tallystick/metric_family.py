"""A metric with all its samples, as Prometheus knows it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Upper bounds in seconds; one more bucket holds everything longer."""

Kind = Literal["counter", "gauge", "histogram"]
Joined = Literal["sum", "min", "max"]


class MetricFamily(NamedTuple):
    """A metric: its name, its description for people, and its samples by the labels' values."""

    kind: Kind
    name: str
    description: str
    labels: tuple[str, ...]
    samples: Mapping[tuple[str, ...], Any]
    """Numbers, or the counts of a `DurationCounts` for a histogram."""
    joined: Joined = "sum"
    """The number of several processes together."""


class DurationCounts:
    """How many durations fell into each of `BUCKETS`, and their sum."""

    def __init__(self) -> None:
        self.counts = [0.0] * (len(BUCKETS) + 2)
        """The number in each bucket, and last the sum in seconds."""

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.counts[-1] += seconds

    @property
    def total_s(self) -> float:
        """Return the sum in seconds."""
        return self.counts[-1]


def gauge(
    name: str,
    description: str,
    value: float | None,
    joined: Joined = "sum",
) -> MetricFamily:
    """Return a gauge without labels; None is no sample."""
    samples: dict[tuple[str, ...], float] = {} if value is None else {(): value}
    return MetricFamily("gauge", name, description, (), samples, joined)


def join_families(processes: Iterable[Iterable[MetricFamily]]) -> list[MetricFamily]:
    """Return the metrics of several processes as one, in the order of the first one."""
    families: dict[str, MetricFamily] = {}
    for process in processes:
        for family in process:
            found = families.get(family.name)
            families[family.name] = _join(found, family) if found else family
    return list(families.values())


def _join(first: MetricFamily, second: MetricFamily) -> MetricFamily:
    samples = dict(first.samples)
    for labels, value in second.samples.items():
        join = _JOINS[first.joined]
        samples[labels] = join(samples[labels], value) if labels in samples else value
    return first._replace(samples=samples)


def _sum(first: Any, second: Any) -> Any:
    if isinstance(first, list):  # of a histogram
        return [a + b for a, b in zip(first, second, strict=True)]
    return first + second


_JOINS: Mapping[str, Callable[[Any, Any], Any]] = {"sum": _sum, "min": min, "max": max}
