"""Tries a wheel in an environment of its own, as its users install it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

COMMANDS = """
from click import Context, Group
from tallystick.cli import program

def show(command, words):
    print(*words)
    if isinstance(command, Group):
        context = Context(command)
        for name in command.list_commands(context):
            show(command.get_command(context, name), [*words, name])

show(program, [])
"""
"""Prints each command of the program in a line, the program itself as an empty one."""

FILES = {
    "events.jsonl": (
        '{"specversion": "1.0", "id": "a", "source": "charon/release", "type": "org.example.tried",'
        ' "time": "2026-11-26T00:00:00Z", "data": {}}\n'
    ),
    "topology.yaml": "entities: [{id: HOST-SHOP-1, type: HOST, name: shop-1}]\n",
    "contract.yaml": "{openapi: 3.1.0, info: {title: Shop, version: '1'}, paths: {}}\n",
    "world.yaml": "exchanges: []\n",
}
"""What the commands read, by the name of the file."""

USES: dict[str, int | str] = {
    "--version": 0,
    "init": 0,
    "check": 0,
    "serve --dev --port 0": "listening on",
    "mock --port 0": "listening on",
    "proxy --upstream http://127.0.0.1:1 --port 0": "listening on",
    "credentials": 0,
    "keys create event_store --name release --scope events:write": 0,
    "keys list": 0,
    "keys revoke 1": 2,
    "entities import topology.yaml": 0,
    "events import events.jsonl": 0,
    "events count": 0,
    "events tail --last 1": "org.example.tried",
    "events export log.jsonl": 0,
    "backup copy.db": 0,
    "restore copy.db --database sqlite:///restored.db": 0,
    "secrets rotate": 0,
    "diff contract.yaml contract.yaml": 0,
    "compare world.yaml world.yaml": 0,
    "charon exec --url http://127.0.0.1:1 nightly -- true": 0,
    "worker --port 0": 2,
    "verify http://127.0.0.1:1": 2,
    "clients python --api charon --out client": 2,
    "ingest --from kafka://127.0.0.1:1/topic --as charon": 2,
}
"""Commands with their exit codes, run for real one after the other in one folder.

A command that stays has the words that it says when it has begun. The base alone is installed, so
those that need an extra or PostgreSQL end with 2.
"""


class CheckFailed(Exception):
    """A command of the installed program failed; the message has its words."""


def install_wheel(wheel: Path, versions: Path, folder: Path) -> Path:
    """Return the Python of a new environment with a wheel and its base requirements.

    `versions` is a requirements file whose versions are taken.
    """
    uv = (sys.executable, "-m", "uv")
    run_command([*uv, "venv", "--quiet", "--python", sys.executable, str(folder)])
    python = folder / "bin/python"
    target = ("--python", str(python), "--constraint", str(versions))
    run_command([*uv, "pip", "install", "--quiet", *target, str(wheel)])
    return python


def check_installation(python: Path, folder: Path) -> None:
    """Run each command's help and each command for real; raise `CheckFailed`."""
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_text(content)
    program = str(python.parent / "tallystick")
    for line in run_command([str(python), "-c", COMMANDS], folder).splitlines():
        run_command([program, *line.split(), "--help"], folder)
    for use, outcome in USES.items():
        if isinstance(outcome, int):
            run_command([program, *use.split()], folder, outcome)
        else:
            check_staying([program, *use.split()], folder, outcome)


def check_staying(command: Sequence[str], folder: Path, words: str) -> None:
    """Start a command that stays, and end it when it has said its words; raise `CheckFailed`."""
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as started:
        patience = threading.Timer(60, started.kill)
        patience.start()
        try:
            assert started.stdout is not None
            said = any(words in line for line in iter(started.stdout.readline, ""))
        finally:
            patience.cancel()
            started.kill()
    if not said:
        raise CheckFailed(f"{' '.join(command)} did not say: {words}")


def run_command(command: Sequence[str], folder: Path | None = None, exit_code: int = 0) -> str:
    """Return what a command printed; raise `CheckFailed` if it ends with another exit code."""
    settings = {key: value for key, value in os.environ.items() if "TALLYSTICK" not in key}
    done = subprocess.run(
        command, cwd=folder, env=settings, capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode != exit_code:
        told = f"{' '.join(command)} ended with {done.returncode}, and not with {exit_code}"
        raise CheckFailed(f"{told}\n{done.stdout}{done.stderr}")
    return done.stdout
