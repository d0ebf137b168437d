"""Runs a mock in a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import deque
from threading import Thread
from typing import IO

_LISTENING = re.compile(r"listening on (https?://\S+)")
STOP_S = 10.0


class NotStarted(Exception):
    """The mock ended before it listened; the message is its output."""


class MockProcess:
    """A process of `tallystick mock`, or of another command that serves, on a free port."""

    def __init__(self, *options: str, command: str = "mock") -> None:
        """Start the command with these options and wait until it listens; raise `NotStarted`."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tallystick", command, "--port", "0", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.url = self._wait()
        """The base URL."""
        # What else it says must go somewhere: a pipe that is full would stop it.
        self._said: deque[str] = deque(maxlen=100)
        self._reader = Thread(target=self._said.extend, args=(self._stream,), daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Return the process's id."""
        return self._process.pid

    def stop(self) -> None:
        """Terminate the process, and kill it after `STOP_S` seconds."""
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._stream.close()

    @property
    def _stream(self) -> IO[str]:
        assert self._process.stderr
        return self._process.stderr

    def _wait(self) -> str:
        said = []
        for line in self._stream:
            said.append(line)
            if found := _LISTENING.search(line):
                return found[1]
        self._process.wait()
        self._stream.close()
        raise NotStarted("".join(said))
