"""The machine's clock tells the time in UTC, twice the same."""

from __future__ import annotations

from datetime import timedelta

from tallystick.clock import SystemClock


def test_both_ways_to_tell_the_time_agree() -> None:
    clock = SystemClock()
    before, now, after = clock.now_ms(), clock.now(), clock.now_ms()
    assert now.utcoffset() == timedelta(0)
    assert before <= now.timestamp() * 1_000 < after + 1
