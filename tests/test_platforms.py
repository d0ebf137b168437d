"""All that a server needs is there, or replaced, on a system without POSIX."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from tallystick.mock.client import Tallystick

# What Windows lacks, before anything of ours is imported.
AS_ON_WINDOWS = """
import os, signal, sys
for name in ("fcntl", "resource", "uvloop", "pwd", "grp", "termios"):
    sys.modules[name] = None
for name in ("pread", "pwrite", "fork", "getuid", "geteuid", "fchmod"):
    vars(os).pop(name, None)
for name in ("SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"):
    vars(signal).pop(name)
sys.argv = ["tallystick", *sys.argv[1:]]
from tallystick.cli import main
main()
"""


@pytest.fixture
def mock() -> Iterator[Tallystick]:
    with subprocess.Popen(
        [sys.executable, "-c", AS_ON_WINDOWS, "mock", "--port", "0"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stderr
        listening = next(line for line in process.stderr if "listening on" in line)
        yield Tallystick(listening.split()[-1])
        process.terminate()


def test_a_mock_serves_without_what_windows_lacks(mock: Tallystick) -> None:
    mock.fail_next("createEvent", 503)
    with requests.Session() as session:
        for _ in range(1_100):  # more than the memory keeps
            session.get(f"{mock.url}/nowhere", timeout=10)
        key = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
        assert session.post(f"{mock.url}/create", json={}, headers=key, timeout=10).status_code
    assert mock.verify("createEvent", times=1)
    assert len(mock.requests) == 1_101
    mock.reset()
    assert mock.requests == []


def test_a_command_runs_as_an_execution_without_the_signals_that_windows_lacks() -> None:
    own = ["charon", "exec", "--url", "http://127.0.0.1:1", "slug", "--", "echo", "ran"]
    command = [sys.executable, "-c", AS_ON_WINDOWS, *own]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout) == (0, "ran\n"), ran.stderr
