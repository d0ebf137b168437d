"""A failure is told with its place, and without its words."""

from __future__ import annotations

import re

import pytest

from tallystick.contract.log_failure import log_failure


@pytest.mark.parametrize("what", ["internal error", "can't watch"])
def test_a_failure_is_logged_with_its_kind_and_place_alone(
    what: str, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        int("a secret")
    except ValueError as error:
        log_failure(error, what)
    [record] = caplog.records
    place = r"test_log_failure\.py:\d+ in test_a_failure_is_logged\w+"
    assert re.fullmatch(rf"{what}: ValueError at {place}", record.getMessage())
    assert record.levelname == "ERROR"
