"""`tallystick worker` delivers what servers on the same PostgreSQL accept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_a_worker_on_sqlite_is_refused_in_words(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tallystick", "worker"]
    command += ["--database", f"sqlite:///{tmp_path}/tallystick.db"]
    refused = subprocess.run(command, check=False, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "a worker needs PostgreSQL" in refused.stderr
