"""A command loads what it needs, and nothing that it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SERVER = {"connexion", "sqlalchemy", "starlette", "uvicorn"}
HEAVY = SERVER | {"aiohttp", "asyncio", "pydantic", "rich", "typer"}


def loaded(folder: Path, *words: str) -> set[str]:
    """The packages that a command loads, as Python tells them."""
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tallystick", *words],
        cwd=folder,
        env=os.environ | {"TALLYSTICK_DATABASE": f"sqlite:///{folder}/tallystick.db"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line for line in ran.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


@pytest.mark.parametrize("command", ["", "charon exec", "diff", "serve", "keys"])
def test_help_loads_nothing_of_the_server(command: str, tmp_path: Path) -> None:
    assert loaded(tmp_path, *command.split(), "--help") & SERVER == set()


def test_charon_exec_loads_what_it_needs_alone(tmp_path: Path) -> None:
    assert loaded(tmp_path, "charon", "exec", "none", "--", "true") & HEAVY == set()


def test_keys_are_listed_without_connexion(tmp_path: Path) -> None:
    assert loaded(tmp_path, "keys", "list") & SERVER == {"sqlalchemy"}
