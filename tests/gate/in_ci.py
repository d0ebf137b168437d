"""Programs run as in a user's CI."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FEW = """\
from tallystick.gate import configuration

configuration._EXAMPLES = dict.fromkeys(configuration.Budget, 20)
"""
"""A `conftest.py` or `sitecustomize.py` that reduces a run's examples to a number for tests."""
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"


def run(*command: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder, to its end."""
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PATH": PATH, **env},
        timeout=120,
        check=False,
    )
