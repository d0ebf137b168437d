"""The outcome of a run is its exit code."""

from __future__ import annotations

import pytest

from gate.runs import RESULTS, run_of
from tallystick.gate.outcome import Outcome


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ((), 2),
        ((Outcome.PASSED,), 0),
        ((Outcome.SKIPPED, Outcome.DISABLED), 2),
        ((Outcome.PASSED, Outcome.SKIPPED), 0),
        ((Outcome.PASSED, Outcome.ERROR), 2),
        ((Outcome.PASSED, Outcome.FAILED), 1),
        ((Outcome.ERROR, Outcome.FAILED), 1),
    ],
)
def test_the_exit_code_is_never_green_without_a_proof(
    outcomes: tuple[Outcome, ...], code: int
) -> None:
    results = [result for result in RESULTS if result.outcome in outcomes]
    assert run_of(*results).exit_code == code
