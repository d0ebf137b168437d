"""Fixtures for pytest: those of pytest-tallystick, which need not be installed beside this."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution

try:
    distribution("pytest-tallystick")  # then pytest loads its plugin by itself
except PackageNotFoundError:
    from tallystick.pytest_tallystick.plugin import *  # noqa: F403  # hooks and fixtures
