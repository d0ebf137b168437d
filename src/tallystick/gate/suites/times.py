"""Judges whether some of a server's answers come much later than the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from statistics import median

from tallystick.gate.outcome import CheckResult, Outcome
from tallystick.gate.target_server import TargetServer

_LATE_S = 0.4
_TIMES_LATER = 20
_SHARE = 0.02
"""An answer is late after so many seconds, if it took so many times as long as the usual one.
A server may have a pause now and then: it fails if so great a share of its answers is late."""
_FEWEST, _FEWEST_LATE = 50, 3
"""The answers without which nothing can be told."""


def judge_times(target: TargetServer, api: str) -> Iterator[CheckResult]:
    """Yield whether the answers so far came in time, if there were enough to tell."""
    seconds = target.server.client.seconds
    if len(seconds) < _FEWEST:
        return
    usual = median(seconds)
    late = [each for each in seconds if each > max(_LATE_S, _TIMES_LATER * usual)]
    asked = f"fewer than {_SHARE:.0%} of the answers after more than {_LATE_S} s"
    result = CheckResult(api, "time", "answers come in time", Outcome.PASSED, asked=asked)
    if len(late) < max(_FEWEST_LATE, _SHARE * len(seconds)):
        yield result
        return
    said = f"{len(late)} of {len(seconds)} answers took up to {max(late):.1f} s"
    objection = f"{said}, and the usual one {usual:.3f} s"
    yield replace(result, outcome=Outcome.FAILED, objections=(objection,))
