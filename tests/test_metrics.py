"""Answers are counted in buckets of their time."""

from __future__ import annotations

from parcels import operation
from tallystick.metric_family import MetricFamily
from tallystick.metrics import Metrics


def counted(*seconds: float) -> list[MetricFamily]:
    metrics = Metrics()
    for each in seconds:
        metrics.add({}, None, 404, 0, each)
    return metrics.families()


def test_answers_are_counted_by_status() -> None:
    answers, _ = counted(0.001, 0.002)
    assert answers.name == "tallystick_requests_total"
    assert answers.samples == {("", "", "404"): 2}


def test_a_time_is_counted_in_its_bucket_and_in_the_sum() -> None:
    _, times = counted(0.001, 0.0011, 99.0)
    counts = times.samples["", ""]
    assert counts[:3] == [0, 1, 1]
    assert counts[-2] == 1
    assert round(counts[-1], 4) == 99.0021


def test_a_contract_that_is_read_again_is_counted_on() -> None:
    metrics = Metrics()
    for each in (operation(), operation()):
        metrics.add({}, each, 200, 0, 0.001)
    answers, times = metrics.families()
    assert answers.samples == {("parcels", "sendParcel", "200"): 2}
    assert times.samples["parcels", "sendParcel"][1] == 2
