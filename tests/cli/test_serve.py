"""`tallystick serve` says in words why it can't."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import PROGRAM, tallystick
from server_process import ServerProcess


def serve(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tallystick", "serve", *options],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_known_credentials_are_refused_beyond_this_machine() -> None:
    ran = serve("--dev", "--host", "0.0.0.0")

    assert ran.returncode == 2
    assert "--dev has public credentials" in ran.stderr


def test_a_port_in_use_is_said_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = serve("--port", port, "--database", "sqlite://")

    assert ran.returncode == 2
    assert f"can't listen on 127.0.0.1:{port}: Address already in use" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_an_unknown_database_is_said_in_words() -> None:
    ran = serve("--port", "0", "--database", "oracle://x")

    assert ran.returncode == 2
    assert "oracle" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_what_stays_no_database_is_no_failure_for_now(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "letter").write_text("Dear Sir or Madam, " * 100, encoding="utf-8")
    for name, words in (("folder", "Is a directory"), ("letter", "not a database")):
        ran = serve("--port", "0", "--database", f"sqlite:///{tmp_path / name}")
        assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
        assert words in ran.stderr


def test_a_second_server_on_one_file_is_refused(server: ServerProcess) -> None:
    ran = serve("--port", "0", "--database", f"sqlite:///{server.database}")

    assert ran.returncode == 2
    assert str(server.database) in ran.stderr


# Modes of files are nothing to root.
UNPRIVILEGED = (
    ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
)


@pytest.mark.parametrize("locked", ["folder", "folder/x.db"])
def test_a_place_that_is_read_only_is_named_as_by_check(tmp_path: Path, locked: str) -> None:
    (tmp_path / "folder").mkdir()
    file = tmp_path / "folder" / "x.db"
    url = f"sqlite:///{file}"
    made = tallystick("keys", "create", "event_store", "--scope", "*", "--database", url)
    assert made.returncode == 0
    (tmp_path / locked).chmod(0o555)
    for command in ("check", "serve"):
        ran = subprocess.run(
            [*UNPRIVILEGED, PROGRAM, command, "--database", url],
            env={**os.environ, "TALLYSTICK_PORT": "0"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert f"can't use {file}: Permission denied: {tmp_path / locked}\n" in (
            ran.stdout + ran.stderr
        )
    (tmp_path / locked).chmod(0o755)
