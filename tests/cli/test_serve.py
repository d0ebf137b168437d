"""`tallystick serve` says in words why it can't."""

from __future__ import annotations

import socket
import subprocess
import sys

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


def test_a_second_server_on_one_file_is_refused(server: ServerProcess) -> None:
    ran = serve("--port", "0", "--database", f"sqlite:///{server.database}")

    assert ran.returncode == 2
    assert str(server.database) in ran.stderr
