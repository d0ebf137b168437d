"""The examples of other languages run, against a mock."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tallystick.mock.client import Tallystick

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    "command",
    [["node", "--test", "node/mock.test.mjs"], ["java", "java/MockTest.java"]],
    ids=["node", "java"],
)
def test_an_example_passes(mock: Tallystick, command: list[str]) -> None:
    if shutil.which(command[0]) is None and "CI" not in os.environ:
        pytest.skip(f"the example is NOT run: there is no {command[0]}")
    environment = {**os.environ, "TALLYSTICK_URL": mock.url}
    ran = subprocess.run(
        command, cwd=EXAMPLES, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
