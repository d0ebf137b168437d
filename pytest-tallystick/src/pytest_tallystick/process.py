"""Runs a mock in a process of its own."""

from __future__ import annotations

import re
import subprocess
from collections import deque
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import IO

from .program import ANYWHERE, find_program

_LISTENING = re.compile(r"listening on (https?://\S+)")
_CA = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n", re.DOTALL)
_CA_FILE = re.compile(r"; its CA is in (.+)\n")
STOP_S = 10.0


class NotStarted(Exception):
    """The mock ended before it listened; the message is its output."""


class MockProcess:
    """A process of `tallystick mock`, or of another command that serves, on a free port."""

    def __init__(self, *options: str, command: str = "mock", image: str = "") -> None:
        """Start the command with these options and wait until it listens.

        With `image` it is a container. Raises `NotStarted` or `NoProgram`.
        """
        program = find_program(image)
        self._process = subprocess.Popen(
            [*program.words, command, *program.address, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._folder = TemporaryDirectory(prefix="tallystick-")
        self.url = self._wait()
        """The base URL."""
        # What else it says must go somewhere: a pipe that is full would stop it.
        self._said: deque[str] = deque(maxlen=100)
        self._reader = Thread(target=self._said.extend, args=(self._stream,), daemon=True)
        self._reader.start()

    ca: str | None = None
    """A PEM file with the CA of a mock that speaks TLS by a certificate of its own."""

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
        self._folder.cleanup()

    @property
    def _stream(self) -> IO[str]:
        assert self._process.stderr
        return self._process.stderr

    def _wait(self) -> str:
        said = []
        for line in self._stream:
            said.append(line)
            if found := _LISTENING.search(line):
                self.ca = self._find_ca("".join(said))
                return found[1].replace(ANYWHERE, "127.0.0.1")
        self._process.wait()
        self._stream.close()
        self._folder.cleanup()
        raise NotStarted("".join(said))

    def _find_ca(self, said: str) -> str | None:
        if written := _CA_FILE.search(said):
            return written[1]
        if printed := _CA.search(said):
            file = Path(self._folder.name, "ca.pem")
            file.write_text(printed[0], encoding="ascii")
            return str(file)
        return None
