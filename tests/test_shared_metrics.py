"""The metrics of several processes are told as one, whichever of them you ask."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tallystick import shared_metrics
from tallystick.metric_family import DurationCounts, MetricFamily, gauge
from tallystick.shared_metrics import SharedMetrics, SharedTexts


def counted(number: int) -> Callable[[], list[MetricFamily]]:
    """Return a reader of a process that did its work so many times."""
    times = DurationCounts()
    for _ in range(number):
        times.add(0.002)
    return lambda: [
        MetricFamily("counter", "answers_total", "A.", ("status",), {("200",): number}),
        MetricFamily("histogram", "took_seconds", "T.", (), {(): [*times.counts]}),
        gauge("queue", "Q.", number),
        gauge("up", "U.", int(number < 3), joined="min"),
        gauge("pruned", "P.", number, joined="max"),
        gauge("unknown", "N.", None),
    ]


def numbers(metrics: SharedMetrics) -> dict[str, float]:
    """Return the sum of each metric's samples, by its name."""
    families = {family.name: list(family.samples.values()) for family in metrics.read_all()}
    took = families.pop("took_seconds")[0]
    return {**{name: sum(found) for name, found in families.items()}, "took": sum(took[:-1])}


def test_each_process_tells_the_sum_of_all() -> None:
    texts = SharedTexts(3)
    first, second = SharedMetrics(texts, 0, counted(2)), SharedMetrics(texts, 2, counted(5))
    first.read_all()  # leaves what it has

    assert numbers(second) == {
        "answers_total": 7, "took": 7, "queue": 7, "up": 0, "pruned": 5, "unknown": 0
    }  # fmt: skip
    assert numbers(first) == numbers(second)


def test_a_process_that_replaces_another_goes_on_with_its_counters() -> None:
    texts = SharedTexts(1)
    SharedMetrics(texts, 0, counted(5)).read_all()

    found = numbers(SharedMetrics(texts, 0, counted(1)))
    assert (found["answers_total"], found["took"], found["queue"], found["up"]) == (6, 6, 1, 1)


def test_gauges_of_a_process_that_is_gone_count_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = SharedTexts(2)
    SharedMetrics(texts, 0, counted(5)).read_all()
    monkeypatch.setattr(shared_metrics, "STALE_S", -1.0)

    found = numbers(SharedMetrics(texts, 1, counted(1)))
    assert (found["answers_total"], found["queue"], found["up"]) == (6, 1, 1)


def test_a_text_is_seen_by_the_processes_forked_since() -> None:
    texts = SharedTexts(2)
    texts.write(0, b"old")
    if not (child := os.fork()):
        texts.write(0, b"of the child")
        texts.write(1, b"")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert (texts.read(0), texts.read(1)) == (b"of the child", b"")


def test_a_text_that_was_never_finished_leaves_the_one_before() -> None:
    texts = SharedTexts(1)
    texts.write(0, b"whole")
    texts._set_number(texts._half(0, 2), 10**6)  # killed before it was the turn of this half
    assert texts.read(0) == b"whole"


def test_a_text_that_is_too_long_leaves_the_one_before() -> None:
    texts = SharedTexts(1)
    texts.write(0, b"whole")
    texts.write(0, bytes(shared_metrics.SIZE + 1))
    assert texts.read(0) == b"whole"
