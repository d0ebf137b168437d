"""`tallystick charon exec` finds charon by its settings."""

from __future__ import annotations

import subprocess
import sys

import pytest

from charon_runs import Cron, environment
from server_process import ServerProcess
from tallystick.charon_exec.command import execute


def test_charon_is_found_by_its_settings(server: ServerProcess) -> None:
    cron = Cron(server)
    own = [sys.executable, "-m", "tallystick", "charon", "exec", cron.slug, "--", "echo", "ran"]
    env = environment() | {"TALLYSTICK_URL": cron.server.url}
    subprocess.run(own, env=env, check=True, capture_output=True, timeout=60)
    assert cron.said() == ["ran"]


def test_exec_says_where_it_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(SystemExit):
        execute(["slug", "--", "true"])
    assert "this needs Linux or macOS" in capsys.readouterr().err
