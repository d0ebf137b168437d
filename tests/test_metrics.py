"""Answers are counted in buckets of their time."""

from __future__ import annotations

from tallystick.metrics import Metrics


def text(*seconds: float) -> list[str]:
    metrics = Metrics()
    for each in seconds:
        metrics.add({}, None, 404, 0, each)
    return metrics.text().decode().splitlines()


def test_answers_are_counted_by_status() -> None:
    line = 'tallystick_requests_total{api="",operation="",status="404"} 2.0'
    assert line in text(0.001, 0.002)


def test_a_time_is_in_its_bucket_and_in_every_larger_one() -> None:
    lines = text(0.001, 0.0011, 99.0)
    name = 'tallystick_request_seconds_bucket{api="",le="%s",operation=""} %s'
    for bound, count in (("0.0005", "0.0"), ("0.001", "1.0"), ("0.0025", "2.0"), ("2.5", "2.0")):
        assert name % (bound, count) in lines
    assert name % ("+Inf", "3.0") in lines
