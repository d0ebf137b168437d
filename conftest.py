"""In CI a skipped test is a failure: there, whatever a test needs can be installed."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

CANNOT_BE_INSTALLED: frozenset[str] = frozenset()
"""Reasons for which a test may be skipped in CI too: no registry has what it needs."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Report a skipped test as failed in CI."""
    report = yield
    if report.skipped and "CI" in os.environ and not hasattr(report, "wasxfail"):
        assert isinstance(report.longrepr, tuple)
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if reason not in CANNOT_BE_INSTALLED:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} is skipped, and in CI nothing may be: {reason}"
    return report
