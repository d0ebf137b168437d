"""Colours are for people at a terminal."""

from __future__ import annotations

import pytest

from command_line import tallystick


@pytest.mark.parametrize("line", ["--help", "keys unknown"])
@pytest.mark.parametrize("variable", ["GITHUB_ACTIONS", "PY_COLORS"])
def test_a_pipe_gets_no_colours(line: str, variable: str) -> None:
    ran = tallystick(*line.split(), **{variable: "1"})
    assert "\x1b" not in ran.stdout + ran.stderr
