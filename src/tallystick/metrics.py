"""Counts answers and their durations by operation, for Prometheus."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from tallystick.contract.operation import Operation

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Upper bounds in seconds; one more bucket holds everything longer."""


class Metrics:
    """Counters of answers and durations by operation; sums are made only when you read them."""

    def __init__(self) -> None:
        self._answers: dict[tuple[Operation | None, int], int] = {}
        self._times: dict[Operation | None, list[float]] = {}

    def add(
        self,
        scope: Mapping[str, Any],  # noqa: ARG002  # what an `Observer` is told
        operation: Operation | None,
        status: int,
        size: int,  # noqa: ARG002  # likewise
        seconds: float,
    ) -> None:
        """Count one answer."""
        key = (operation, status)
        self._answers[key] = self._answers.get(key, 0) + 1
        times = self._times.get(operation)
        if times is None:
            times = self._times[operation] = [0.0] * (len(BUCKETS) + 2)
        times[bisect_left(BUCKETS, seconds)] += 1
        times[-1] += seconds

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        # Loaded when somebody asks: no start needs it.
        from tallystick.prometheus_text import text

        return text(BUCKETS, self._answers, self._times)
