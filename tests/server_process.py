"""The service as its user runs it: a process of its own, on a free port, over a file."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

READY = re.compile(r"^.*listening on (https?://\S+)$", re.MULTILINE)
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 15.0
THIS_PYTHON = (sys.executable, "-m", "tallystick")


class ServerNotReady(Exception):
    """The server ended or stayed silent before it listened."""


class ServerProcess:
    """A process `tallystick serve` with the given options, by default with the dev world.

    Its environment is this process's without `TALLYSTICK_*` settings, and with `env`.
    """

    def __init__(
        self,
        *options: str,
        folder: Path,
        env: Mapping[str, str] | None = None,
        command: Sequence[str] = THIS_PYTHON,
        dev: bool = True,
    ) -> None:
        self.database = folder / "tallystick.db"
        self._standard_error = folder / "stderr.txt"
        self._standard_output = folder / "stdout.txt"
        self._folder = folder
        self._argv = [*command, "serve", *(["--dev"] if dev else []), "--port", "0"]
        self._argv += ["--database", f"sqlite:///{self.database}", *options]
        self._env = {**_environment(), **(env or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""
        """The base URL without a final slash; it changes with each start."""

    def start(self) -> ServerProcess:
        """Start the server and wait until it listens."""
        with self._standard_error.open("wb") as err, self._standard_output.open("ab") as out:
            self._process = subprocess.Popen(
                self._argv, stdout=out, stderr=err, env=self._env, cwd=self._folder
            )
        self.url = self._wait_until_ready()
        return self

    def stop(self) -> int:
        """Stop the server, wait for its end, and return its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the server at once, as in a power cut."""
        self._end(signal.SIGKILL)

    def restart(self) -> ServerProcess:
        """Stop the server if it runs, and start it over the same database."""
        if self.running:
            self.stop()
        return self.start()

    @property
    def running(self) -> bool:
        """Return whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Return the process's id, also after its end."""
        return self._started().pid

    @property
    def stderr(self) -> str:
        """Return the standard error since the last start."""
        return self._standard_error.read_text(encoding="utf-8")

    @property
    def stdout(self) -> str:
        """Return the standard output since the first start."""
        return self._standard_output.read_text(encoding="utf-8")

    def _wait_until_ready(self) -> str:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if ready := READY.search(self.stderr):
                return ready[1]
            if not self.running:
                raise ServerNotReady(f"exit code {self._started().returncode}:\n{self.stderr}")
            time.sleep(0.02)
        self.kill()
        raise ServerNotReady(f"silent for {START_TIMEOUT_S:.0f} s:\n{self.stderr}")

    def _end(self, how: signal.Signals) -> int:
        process = self._started()
        process.send_signal(how)
        try:
            return process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ServerNotReady("not started")
        return self._process


StartServer = Callable[..., ServerProcess]
"""The fixture `start_server`: options, then settings by name."""


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("TALLYSTICK_")}
