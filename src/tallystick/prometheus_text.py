"""Writes metrics in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from tallystick.contract.operation import Operation

Answers = Mapping[tuple[Operation | None, int], int]
"""Number of answers, by operation and status."""

Times = Mapping[Operation | None, Sequence[float]]
"""Number of answers in each bucket, and last the sum of all seconds, by operation."""


def text(bounds: Sequence[float], answers: Answers, times: Times) -> bytes:
    """Return all metrics as text; `bounds` are the buckets' upper bounds in seconds."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Counted(bounds, answers, times))
    return generate_latest(registry)


class _Counted(Collector):
    def __init__(self, bounds: Sequence[float], answers: Answers, times: Times) -> None:
        self._bounds = [*map(str, bounds), "+Inf"]
        self._answers = answers
        self._times = times

    def collect(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "tallystick_requests", "Answers.", labels=("api", "operation", "status")
        )
        for (operation, status), count in self._answers.items():
            requests.add_metric((*_names(operation), str(status)), count)
        yield requests
        times = HistogramMetricFamily(
            "tallystick_request_seconds", "Time to the answer.", labels=("api", "operation")
        )
        for operation, counts in self._times.items():
            times.add_metric(_names(operation), list(self._buckets(counts)), counts[-1])
        yield times

    def _buckets(self, counts: Sequence[float]) -> Iterator[tuple[str, float]]:
        return zip(self._bounds, accumulate(counts[:-1]), strict=True)


def _names(operation: Operation | None) -> tuple[str, str]:
    return (operation.api, operation.id) if operation else ("", "")
