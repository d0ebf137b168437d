"""Colours are for people at a terminal."""

from __future__ import annotations

import pytest

from command_line import tallystick

COLOURED = ("diff", "openapi/charon.yaml", "openapi/charon.yaml")


@pytest.mark.parametrize("variable", ["GITHUB_ACTIONS", "PY_COLORS"])
def test_a_pipe_gets_no_colours(variable: str) -> None:
    ran = tallystick(*COLOURED, **{variable: "1"})
    assert "compatible" in ran.stdout
    assert "\x1b" not in ran.stdout + ran.stderr


def test_a_pipe_gets_colours_on_demand() -> None:
    assert "\x1b" in tallystick(*COLOURED, FORCE_COLOR="1").stdout
