"""pytest's plugin judges a server in a suite of other people's tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gate.in_ci import FEW, run
from gate.stub import Stub
from server_process import ServerProcess


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A folder of somebody's tests, and what they tell of their server."""
    (tmp_path / "tallystick.toml").write_text("[verify]\nsafe = true\n")
    (tmp_path / "conftest.py").write_text(FEW)
    return tmp_path


def test_pytest_judges_a_server_that_conforms(server: ServerProcess, suite: Path) -> None:
    options = ("--tallystick-url", server.url, "--tallystick-api", "charon")
    done = run(sys.executable, "-m", "pytest", *options, folder=suite)
    assert "1 passed" in done.stdout, done.stdout


def test_pytest_fails_for_a_server_that_does_not(suite: Path) -> None:
    with Stub().running() as stub:
        options = ("--tallystick-url", stub.url, "--tallystick-api", "charon")
        done = run(sys.executable, "-m", "pytest", *options, folder=suite)
    assert "1 failed" in done.stdout, done.stdout
    assert "curl -i" in done.stdout
    assert "Traceback" not in done.stdout


def test_pytest_without_a_server_is_as_ever(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_one(): pass\n")
    assert "1 passed" in run(sys.executable, "-m", "pytest", folder=tmp_path).stdout
