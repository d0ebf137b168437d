"""A command or a server without room for a thread says so, and ends when it is told to."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import PROGRAM

# A thread gets a stack of this size, and there is no room for any.
WITHOUT_THREADS = ["sh", "-c", 'ulimit -s 1000000000000; exec "$@"', "sh"]

STOPPED = """
import asyncio
from tallystick import server


async def main():
    stopped = asyncio.Event()
    server.stop_in_time(stopped.set)
    print("ready", flush=True)
    await stopped.wait()


asyncio.run(main())
"""


@pytest.mark.parametrize("command", ["serve --port 0", "keys list", "serve --port 0 --workers 2"])
def test_a_start_without_room_for_threads_is_told_in_a_line(
    tmp_path: Path, postgres_url: str, command: str
) -> None:
    url = postgres_url if "workers" in command else f"sqlite:///{tmp_path}/x.db"
    words = [*WITHOUT_THREADS, PROGRAM, *command.split(), "--database", url]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    said = "this process has too little memory, or too few threads or files: can't start new thread"
    assert (ran.returncode, ran.stdout) == (75, "")
    assert ran.stderr.splitlines()[-1] == f"tallystick: {said}"
    assert "Traceback" not in ran.stderr


def test_a_signal_ends_a_process_that_has_no_room_for_a_thread() -> None:
    with subprocess.Popen(
        [*WITHOUT_THREADS, sys.executable, "-c", STOPPED],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (0, b"")
