"""The process of a mock for test suites, which is that of the distribution pytest-tallystick."""

from __future__ import annotations

from tallystick.pytest_tallystick.process import MockProcess, NotStarted

__all__ = ["MockProcess", "NotStarted"]
