"""Common fixtures of the gate's tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gate.stub import Stub
from tallystick.gate import configuration as gate_configuration
from tallystick.gate.configuration import Budget


@pytest.fixture
def stub() -> Iterator[Stub]:
    with Stub().running() as server:
        yield server


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reduce the examples to a number for tests."""
    monkeypatch.setattr(gate_configuration, "_EXAMPLES", dict.fromkeys(Budget, 20))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder for a run, without settings from elsewhere."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("TALLYSTICK_"):
            monkeypatch.delenv(name)
    return tmp_path
