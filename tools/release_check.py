"""Tries a wheel in an environment of its own, as its users install it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

COMMANDS = """
from typer.main import get_command
from tallystick.cli import app

def show(command, words):
    print(*words)
    for name, each in getattr(command, "commands", {}).items():
        show(each, [*words, name])

show(get_command(app), [])
"""
"""Prints each command of the program in a line, the program itself as an empty one."""

USES = (
    "--version",
    "init",
    "keys create event_store --name release --scope events:write",
    "keys list",
    "events count",
    "events export log.jsonl",
    "backup copy.db",
    "credentials",
    "charon exec --url http://127.0.0.1:1 nightly -- true",
)
"""Commands that are run for real, one after the other in one folder."""


class CheckFailed(Exception):
    """A command of the installed program failed; the message has its words."""


def install_wheel(wheel: Path, versions: Path, folder: Path) -> Path:
    """Return the Python of a new environment with a wheel and its base requirements.

    `versions` is a requirements file whose versions are taken.
    """
    uv = (sys.executable, "-m", "uv")
    _run([*uv, "venv", "--quiet", "--python", sys.executable, str(folder)])
    python = folder / "bin/python"
    target = ("--python", str(python), "--constraint", str(versions))
    _run([*uv, "pip", "install", "--quiet", *target, str(wheel)])
    return python


def check_installation(python: Path, folder: Path) -> None:
    """Run each command's help, some commands for real, and a mock; raise `CheckFailed`."""
    folder.mkdir()
    program = str(python.parent / "tallystick")
    for line in _run([str(python), "-c", COMMANDS], folder).splitlines():
        _run([program, *line.split(), "--help"], folder)
    for use in USES:
        _run([program, *use.split()], folder)
    check_mock(program, folder)


def check_mock(program: str, folder: Path) -> None:
    """Start a mock, and ask it whether it is ready; raise `CheckFailed`."""
    command = [program, "mock", "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as mock:
        patience = threading.Timer(60, mock.kill)
        patience.start()
        try:
            assert mock.stderr is not None
            said = [line for line in iter(mock.stderr.readline, "") if "listening on" in line][:1]
        finally:
            patience.cancel()
            mock.kill()
    if not said:
        raise CheckFailed("the mock did not start")


def _run(command: Sequence[str], folder: Path | None = None) -> str:
    settings = {key: value for key, value in os.environ.items() if "TALLYSTICK" not in key}
    done = subprocess.run(
        command, cwd=folder, env=settings, capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode:
        raise CheckFailed(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout
