"""Our settings are read without pydantic's plugins, and what others make has them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tallystick.pydantic_plugins import without_plugins

NAME = "PYDANTIC_DISABLE_PLUGINS"

READ = """
from pydantic.plugin import _loader
from tallystick.cli.options import read_settings

def look(**_):
    looks.append(1)
    return []

looks, _loader.entry_points = [], look
assert read_settings(port=1).port == 1
assert looks == [], "our settings look for plugins"

from pydantic import BaseModel

class Own(BaseModel):
    pass

assert looks == [1], "the model of another finds none"
"""


@pytest.mark.parametrize("before", [None, "some-plugin"])
def test_the_environment_is_as_before(before: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    if before:
        monkeypatch.setenv(NAME, before)
    with without_plugins():
        assert os.environ[NAME] == "__all__"
    assert os.environ.get(NAME) == before


def test_settings_are_read_without_a_look_at_all_installed_packages() -> None:
    subprocess.run([sys.executable, "-c", READ], timeout=60, check=True)
