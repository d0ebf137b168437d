"""Counts answers and their durations by operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick.contract.operation import Operation
from tallystick.metric_family import DurationCounts, MetricFamily


class Metrics:
    """Counters of answers and durations by operation; sums are made only when you read them."""

    def __init__(self) -> None:
        self._answers: dict[tuple[Operation | None, int], int] = {}
        self._times: dict[Operation | None, DurationCounts] = {}

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
            times = self._times[operation] = DurationCounts()
        times.add(seconds)

    def families(self) -> list[MetricFamily]:
        """Return what was counted so far."""
        answers: dict[tuple[str, ...], int] = {}
        for (operation, status), count in self._answers.items():
            labels = (*_names(operation), str(status))
            # A contract that was read again has new operations of the same names.
            answers[labels] = answers.get(labels, 0) + count
        times: dict[tuple[str, ...], list[float]] = {}
        for operation, durations in self._times.items():
            counts = durations.counts
            earlier = times.get(_names(operation), [0.0] * len(counts))
            times[_names(operation)] = [a + b for a, b in zip(earlier, counts, strict=True)]
        names = ("api", "operation")
        return [
            MetricFamily(
                "counter",
                "tallystick_requests_total",
                "Answers by API, operation and status.",
                (*names, "status"),
                answers,
            ),
            MetricFamily(
                "histogram",
                "tallystick_request_seconds",
                "Time from a request to its answer.",
                names,
                times,
            ),
        ]


def _names(operation: Operation | None) -> tuple[str, str]:
    return (operation.api, operation.id) if operation else ("", "")
