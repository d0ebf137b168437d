"""The client of a mock for test suites, which is that of the distribution pytest-tallystick."""

from __future__ import annotations

from tallystick.pytest_tallystick.client import MockRefused, ReceivedRequest, Tallystick

__all__ = ["MockRefused", "ReceivedRequest", "Tallystick"]
