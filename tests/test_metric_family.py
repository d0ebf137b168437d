"""Durations are counted in buckets."""

from __future__ import annotations

from tallystick.metric_family import BUCKETS, DurationCounts, gauge


def test_a_duration_is_in_the_first_bucket_that_holds_it() -> None:
    counts = DurationCounts()
    for seconds in (BUCKETS[0], BUCKETS[-1] * 2):
        counts.add(seconds)
    assert counts.counts[0] == counts.counts[-2] == 1
    assert counts.counts[-1] == BUCKETS[0] + BUCKETS[-1] * 2


def test_nothing_known_is_no_sample() -> None:
    assert gauge("a", "A.", None).samples == {}
    assert gauge("a", "A.", 0).samples == {(): 0}
