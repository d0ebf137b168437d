"""`tallystick verify` says in words why it can't."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def command(*options: str, folder: Path) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("TALLYSTICK_")}
    return subprocess.run(
        [sys.executable, "-m", "tallystick", "verify", *options],
        capture_output=True,
        text=True,
        cwd=folder,
        env=own,
        timeout=60,
        check=False,
    )


def test_no_server_is_exit_code_2(tmp_path: Path) -> None:
    run = command("http://127.0.0.1:9", "--api", "event_store", folder=tmp_path)
    assert run.returncode == 2
    assert "can't be reached" in run.stdout


@pytest.mark.parametrize(
    "options",
    [
        ("ftp://127.0.0.1",),
        ("http://127.0.0.1:9", "--api", "nothing"),
        ("http://127.0.0.1:9", "--budget", "huge"),
        ("http://127.0.0.1:9", "--report", "pdf=x.pdf"),
        ("http://127.0.0.1:9", "--credential", "event_store.nothing=1"),
        ("http://127.0.0.1:9", "--known", "eventhos.nothing=1"),
        ("http://127.0.0.1:9", "--baseline", "there-is-none"),
    ],
)
def test_what_makes_no_sense_is_exit_code_2(options: tuple[str, ...], tmp_path: Path) -> None:
    run = command(*options, folder=tmp_path)
    assert run.returncode == 2, run.stdout
    assert run.stderr.startswith("tallystick: ") or "can't be reached" in run.stdout
    assert "Traceback" not in run.stderr
