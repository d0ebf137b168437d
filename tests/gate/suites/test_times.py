"""Answers that come much later than the others are a failure."""

from __future__ import annotations

import pytest

from gate.stub import Stub
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import Outcome
from tallystick.gate.suites.times import judge_times
from tallystick.gate.target_server import target_server


@pytest.mark.parametrize(
    ("seconds", "outcomes"),
    [
        ([0.01] * 49, []),
        ([0.01] * 50, [Outcome.PASSED]),
        ([0.01] * 60 + [3.0] * 2, [Outcome.PASSED]),
        ([0.01] * 95 + [3.0] * 5, [Outcome.FAILED]),
        ([0.5] * 95 + [3.0] * 5, [Outcome.PASSED]),
    ],
    ids=["too few to tell", "all alike", "two pauses", "one in twenty late", "a slow machine"],
)
def test_late_answers_are_told_from_a_slow_server(
    stub: Stub, seconds: list[float], outcomes: list[Outcome]
) -> None:
    target = target_server(Configuration(stub.url))
    target.server.client.seconds += seconds
    assert [result.outcome for result in judge_times(target, "charon")] == outcomes
