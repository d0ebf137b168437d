"""What the system says of this process: its CPU time, memory, files and start."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import ProcessCollector

from tallystick.metric_family import Joined, Kind, MetricFamily

_COLLECTOR = ProcessCollector(registry=None)
_START = "process_start_time_seconds"


def read_process() -> Iterator[MetricFamily]:
    """Yield the metrics `process_*`, on Linux alone."""
    for metric in _COLLECTOR.collect():
        sample = metric.samples[0]
        kind: Kind = "counter" if metric.type == "counter" else "gauge"
        # A process that begins is a new start, whatever the others are.
        joined: Joined = "max" if sample.name == _START else "sum"
        yield MetricFamily(kind, sample.name, metric.documentation, (), {(): sample.value}, joined)
