"""The version is the package's."""

from __future__ import annotations

from importlib.metadata import version

from command_line import tallystick


def test_the_version_is_the_package_s() -> None:
    assert tallystick("--version").stdout == f"tallystick {version('tallystick')}\n"
