"""Processes `tallystick ingest` over a database of PostgreSQL."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PATIENCE_S = 60.0
STOP_S = 20.0
LISTENING = re.compile(r"listening on (http://\S+)")


class IngestProcess:
    """A process that reads an origin into a database."""

    def __init__(self, origin: str, database: str, said: Path, *options: str) -> None:
        self._said = said
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TALLYSTICK_")}
        environment |= {"TALLYSTICK_INGEST_FROM": origin, "TALLYSTICK_SECRET_KEY": "a" * 32}
        command = [sys.executable, "-m", "tallystick", "ingest", "--as", "crm"]
        with said.open("wb") as out:
            self.process = subprocess.Popen(
                [*command, "--database", database, "--port", "0", *options],
                stdout=out,
                stderr=out,
                env=environment,
            )

    @property
    def said(self) -> str:
        """Return what it has printed."""
        return self._said.read_text()

    @property
    def url(self) -> str:
        """Return where it listens, once it does."""
        wait_until(lambda: LISTENING.search(self.said) or self.process.poll() is not None)
        found = LISTENING.search(self.said)
        assert found, self.said
        return found[1]

    def stop(self) -> int:
        """Stop it as an operator does, and return its exit code."""
        self.process.terminate()
        return self.process.wait(STOP_S)

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait(STOP_S)


def wait_until(is_so: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    """Wait until something is so; fail after some time."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


StartIngest = Callable[..., IngestProcess]


@pytest.fixture
def start_ingest(tmp_path: Path) -> Iterator[StartIngest]:
    """Return a starter of processes for a single test: `start_ingest(origin, database)`."""
    started: list[IngestProcess] = []

    def start(origin: str, database: str, *options: str) -> IngestProcess:
        said = tmp_path / f"ingest{len(started)}.txt"
        started.append(IngestProcess(origin, database, said, *options))
        return started[-1]

    yield start
    for each in started:
        each.kill()
