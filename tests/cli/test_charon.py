"""`tallystick charon exec` finds charon by its settings."""

from __future__ import annotations

import subprocess
import sys

from charon_runs import Cron, environment
from server_process import ServerProcess


def test_charon_is_found_by_its_settings(server: ServerProcess) -> None:
    cron = Cron(server)
    own = [sys.executable, "-m", "tallystick", "charon", "exec", cron.slug, "--", "echo", "ran"]
    env = environment() | {"TALLYSTICK_URL": cron.server.url}
    subprocess.run(own, env=env, check=True, capture_output=True, timeout=60)
    assert cron.said() == ["ran"]
