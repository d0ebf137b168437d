"""The sentence of an alarm says what happened to which cron, and when."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.charon.alarm_message import write_message

DUE = "2026-03-29T03:30:00.000+02:00"
RUN = {"id": 1, "started": DUE, "ended": DUE, "durationMs": 1_500, "lost": False, "exitCode": 3}
ALARM = {
    "slug": "report",
    "name": "The report",
    "state": "missed",
    "since": DUE,
    "timezone": "Europe/Paris",
    "missedRuns": 1,
    "execution": RUN,
}
AT = "at 03:30 on 2026-03-29 (Europe/Paris)"


@pytest.mark.parametrize(
    ("kind", "changes", "said"),
    [
        ("late", {}, f"The report was due {AT} and has not started yet."),
        ("missed", {}, f"The report did not start {AT}."),
        ("missed", {"missedRuns": 4}, f"The report did not start {AT}. 4 runs are missing."),
        ("missed", {"name": ""}, f"report did not start {AT}."),
        ("failed", {}, f"The report failed with the exit code 3 {AT}."),
        ("failed", {"execution": {**RUN, "exitCode": None}}, f"The report failed {AT}."),
        ("failed", {"execution": None}, "The report failed."),
        (
            "failed",
            {"execution": {**RUN, "lost": True}},
            "A run of The report was lost: its program is gone.",
        ),
        ("overrun", {}, f"A run of The report takes longer than it may: it began {AT}."),
        ("overrun", {"execution": None}, "A run of The report takes longer than it may."),
        ("on_time", {}, "The report is on time."),
        ("paused", {}, "The report is paused."),
        ("recovered", {}, "The report is well again."),
        ("reminder", {}, f"Still so: The report did not start {AT}."),
        ("too_often", {}, "The report started too soon after the run before."),
        ("too_short", {}, "A run of The report ended sooner than it may: after 1.5 s."),
    ],
)
def test_a_sentence_says_what_happened(kind: str, changes: dict[str, Any], said: str) -> None:
    assert write_message(kind, {**ALARM, **changes}) == said
