"""The servers under test: processes of the suite, or one that runs elsewhere."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from . import contract
from .api_facts import read_facts
from .client import RecordingClient
from .coverage import Coverage
from .credentials import ServerCredentials
from .wire import Unanswered

FUZZED = "fuzzed"
"""The default server for fuzzing, on which everything deletable is deleted."""

VARIANTS: Mapping[str, Mapping[str, str]] = {
    "default": {},
    "fault": {"TALLYSTICK_FAULT": "store"},
    "away": {"TALLYSTICK_FAULT": "away"},
    "queue0": {"TALLYSTICK_QUEUE": "0"},
    "ratelimit1": {"TALLYSTICK_RATE_LIMIT": "1"},
    FUZZED: {},
    "serve": {},
    "dialect": {"TALLYSTICK_EVENTHOS_DIALECT": "1.0.1"},
    "mock": {},
    "fuzzed mock": {},
}
"""Name → settings. ``serve`` is not a mock, even in a run against mocks."""

_LISTENING = re.compile(r"listening on (http://\S+)")
_START_TIMEOUT_S = 30.0


class NoServer(Exception):
    """This variant of the server is unavailable."""


@dataclass(slots=True)
class Server:
    """A running server."""

    url: str
    client: RecordingClient
    world: ServerCredentials
    process: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        """Return whether it answers; a process of the suite must report its health too."""
        if self.process is not None and self.process.poll() is not None:
            return False
        try:
            status = self.client.get("/healthz").status
        except (Unanswered, OSError):
            return False
        return status == 200 or self.process is None


@dataclass(slots=True)
class Servers:
    """The servers, each started at its first use."""

    folder: Path
    coverage: Coverage
    base_url: str | None = None
    options: tuple[str, ...] = ()
    are_mocks: bool = False
    _running: dict[str, Server] = field(default_factory=dict)

    def get(self, variant: str) -> Server:
        """Return the server of a variant; raise `NoServer` if a foreign one can't have it."""
        if variant not in self._running:
            self._running[variant] = self._foreign(variant) if self.base_url else self._own(variant)
        return self._running[variant]

    def stop(self) -> None:
        """Stop the processes started here."""
        for server in self._running.values():
            if server.process is not None:
                server.process.send_signal(signal.SIGTERM)
        for server in self._running.values():
            if server.process is not None:
                server.process.wait(15)

    def _command(self, variant: str, folder: Path) -> list[str]:
        command = [sys.executable, "-m", "tallystick"]
        if "mock" in variant or (self.are_mocks and variant != "serve"):
            return [*command, "mock", "--port", "0"]
        command += ["serve", "--dev", "--port", "0"]
        return [*command, "--database", f"sqlite:///{folder / 'x.db'}", *self.options]

    def _foreign(self, variant: str) -> Server:
        if variant not in {"default", FUZZED} or self.base_url is None:
            raise NoServer(f"a foreign server can't be made to be {variant}")
        client = RecordingClient(self.base_url.rstrip("/"), self.coverage)
        return Server(client.base_url, client, ServerCredentials(client))

    def _own(self, variant: str) -> Server:
        folder = self.folder / variant
        folder.mkdir()
        log = folder / "stderr.txt"
        with log.open("wb") as err:
            process = subprocess.Popen(
                self._command(variant, folder),
                env={**_environment(), **VARIANTS[variant]},
                stdout=subprocess.DEVNULL,
                stderr=err,
                cwd=folder,
            )
        url = _wait(process, log)
        client = RecordingClient(url, self.coverage)
        return Server(url, client, ServerCredentials(client, _listed(), own=True), process)


@cache
def _listed() -> str:
    """Return the credentials of the dev world, which is the same in every process."""
    command = [sys.executable, "-m", "tallystick", "credentials"]
    ran = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=True)
    return ran.stdout


def _environment() -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("TALLYSTICK_")}
    for api in contract.apis():
        own |= read_facts(api).settings
    return own


def _wait(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        if found := _LISTENING.search(log.read_text(encoding="utf-8")):
            return found[1]
        time.sleep(0.02)
    process.kill()
    process.wait()
    raise RuntimeError(f"the server did not start:\n{log.read_text(encoding='utf-8')}")
