"""Runs a mock in a process of its own."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryDirectory
from threading import Thread

from .program import ANYWHERE, find_program

_LISTENING = re.compile(r"listening on (https?://\S+)")
_CA = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n", re.DOTALL)
_CA_FILE = re.compile(r"; its CA is in (.+)\n")
_MOST_SAID = 20_000
"""The characters that are kept of its output, from the end."""
STOP_S = 10.0


class NotStarted(Exception):
    """The mock ended before it listened, or did not listen in time; the message has its output."""


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
        self._said = ""
        self._address = Queue[str]()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.url = self._wait(program.start_s)
            """The base URL."""
        except BaseException:  # an interrupt, too, leaves no process
            self.stop()
            raise

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
        # Whoever it started may hold the pipe.
        self._reader.join(STOP_S)
        self._folder.cleanup()

    def _read(self) -> None:
        """Read all that it says: a pipe that is full would stop it."""
        assert self._process.stderr
        with self._process.stderr as stream:
            for line in stream:
                self._said = (self._said + line)[-_MOST_SAID:]
                if found := _LISTENING.search(line):
                    self._address.put(found[1])
        self._address.put("")

    def _wait(self, seconds: float) -> str:
        try:
            address = self._address.get(timeout=seconds)
        except Empty:
            raise NotStarted(f"{self._said}It did not listen within {seconds:g} s.") from None
        if not address:
            raise NotStarted(self._said)
        self.ca = self._find_ca(self._said)
        return address.replace(ANYWHERE, "127.0.0.1")

    def _find_ca(self, said: str) -> str | None:
        if written := _CA_FILE.search(said):
            return written[1]
        if printed := _CA.search(said):
            file = Path(self._folder.name, "ca.pem")
            file.write_text(printed[0], encoding="ascii")
            return str(file)
        return None
