"""Output that is not taken to the end is told: exit code 2 and no traceback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from command_line import PROGRAM, tallystick
from server_process import READY

UNBUFFERED = [{}, {"PYTHONUNBUFFERED": "1"}]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has this device")
@pytest.mark.parametrize("line", ["--help", "check --database sqlite://", "credentials --json"])
@pytest.mark.parametrize("env", UNBUFFERED)
def test_a_full_disk_is_told(line: str, env: dict[str, str]) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = run(line, full.fileno(), env)
    assert ran == (2, "tallystick: standard output: No space left on device\n")


@pytest.mark.parametrize("env", UNBUFFERED)
def test_a_pipe_that_nobody_reads_is_told(env: dict[str, str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = run("check --database sqlite://", writing, env)
    os.close(writing)
    assert ran == (2, "tallystick: standard output: Broken pipe\n")


def test_a_command_without_standard_streams_does_its_work(tmp_path: Path) -> None:
    command = f"{PROGRAM} init {tmp_path}/new <&- >&- 2>&-"
    assert subprocess.run(command, shell=True, timeout=60, check=False).returncode == 0
    made = tallystick("keys", "list", "--database", f"sqlite:///{tmp_path}/new/tallystick.db")
    assert "init" in made.stdout


def test_a_note_of_a_closed_standard_error_is_no_output(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/new.db"
    made = in_shell(f"keys create event_store --name mine --scope '*' --database {database} 2>&-")
    assert (made.returncode, len(made.stdout.splitlines())) == (0, 1)


def test_a_note_of_an_execution_is_no_output_either() -> None:
    ran = in_shell("charon exec any --url http://127.0.0.1:1 --key none -- echo done 2>&-")
    assert (ran.returncode, ran.stdout) == (0, "done\n")


def test_a_closed_standard_input_is_empty(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    database = f"sqlite:///{tmp_path}/new/tallystick.db"
    tallystick("keys", "create", "event_store", "--scope", "*", "--database", database)
    read = in_shell(f"events import - --database {database} <&-")
    assert (read.returncode, read.stdout) == (0, ""), read.stderr
    assert "Traceback" not in read.stderr


def test_a_server_without_standard_error_can_be_stopped() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = f"exec {PROGRAM} serve --port {port} --database sqlite:// 2>&-"
    server = subprocess.Popen(command, shell=True)
    wait_until_served(port)
    server.send_signal(signal.SIGTERM)
    try:
        assert server.wait(20) == 0
    finally:
        server.kill()
        server.wait()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has this device")
def test_a_server_whose_log_is_lost_ends_well() -> None:
    command = [PROGRAM, "serve", "--port", "0", "--database", "sqlite://"]
    with Path("/dev/full").open("wb") as full:
        server = subprocess.Popen(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert server.stderr
    ready = next(match for line in server.stderr if (match := READY.match(line)))
    assert requests.get(f"{ready[1]}/healthz", timeout=10).ok
    server.send_signal(signal.SIGTERM)
    assert (server.communicate(timeout=20)[1], server.returncode) == ("", 0)


def in_shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a shell does, with its signs for closed streams."""
    return subprocess.run(
        f"{PROGRAM} {line}", shell=True, capture_output=True, text=True, timeout=60, check=False
    )


def wait_until_served(port: int) -> None:
    """Wait until a server answers."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(requests.ConnectionError):
            assert requests.get(f"http://127.0.0.1:{port}/healthz", timeout=10).ok
            return
        time.sleep(0.05)
    pytest.fail("the server is silent")


def run(line: str, output: int, env: dict[str, str]) -> tuple[int, str]:
    """Run a command with this standard output; return its exit code and what it told."""
    ran = subprocess.run(
        [PROGRAM, *line.split()],
        env={**os.environ, **env},
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    return ran.returncode, ran.stderr


def test_a_sign_that_the_terminal_has_no_code_for_is_escaped(tmp_path: Path) -> None:
    database = f"--database=sqlite:///{tmp_path}/new.db"
    tallystick("keys", "create", "event_store", "--scope", "*", "--name", "ü", database)
    listed = tallystick("keys", "list", database, PYTHONIOENCODING="ascii")
    assert (listed.returncode, "\\xfc" in listed.stdout) == (0, True)
