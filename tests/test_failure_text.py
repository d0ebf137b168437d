"""An unexpected error is told by its class and place."""

from __future__ import annotations

from tallystick.failure_text import describe_failure


def test_a_failure_that_was_not_raised_has_no_place() -> None:
    assert describe_failure(ValueError("a secret")) == "ValueError"
