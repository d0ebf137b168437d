"""Several processes on one PostgreSQL share the deliveries."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tallystick.delivery import leases
from tallystick.store import Database

THIS_FOLDER = Path(__file__).parent
PATIENCE_S = 60


def test_a_worker_on_sqlite_is_refused_in_words(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tallystick", "worker", "--database"]
    refused = subprocess.run(
        [*command, f"sqlite:///{tmp_path}/tallystick.db"], capture_output=True, text=True
    )
    assert refused.returncode == 2
    assert "a worker needs PostgreSQL" in refused.stderr
