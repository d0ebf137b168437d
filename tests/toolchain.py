"""What tests ask of a machine: compilers that may be missing."""

from __future__ import annotations

import os
import shutil

import pytest


def need(*tools: str, tested: str = "clients") -> None:
    """Skip where a tool is missing; in CI, fail."""
    if missing := [tool for tool in tools if shutil.which(tool) is None]:
        do_without(f"{tested} are NOT tested: {', '.join(missing)} is missing")


def do_without(reason: str) -> None:
    """Skip the test for what this machine lacks; in CI, fail."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
