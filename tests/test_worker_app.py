"""A worker answers how it is and what it counted, and nothing else."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from asgi_reply import AsgiReply
from server_process import READY
from tallystick.worker_app import PATHS, WorkerApp


@contextmanager
def running_worker(database: str, folder: Path) -> Iterator[str]:
    """Yield the URL of a worker that listens."""
    words = [sys.executable, "-m", "tallystick", "worker", "--port", "0", "--database", database]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, cwd=folder) as process:
        assert process.stderr
        said = ""
        while not READY.search(said):
            line = process.stderr.readline()
            assert line, said
            said += line
        found = READY.search(said)
        assert found
        yield found[1]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_a_worker_tells_its_health_and_metrics(postgres_url: str, tmp_path: Path) -> None:
    with running_worker(postgres_url, tmp_path) as url:
        for path in ("/healthz", "/readyz"):
            assert requests.get(url + path, timeout=10).json() == {"status": "ok"}
        numbers = requests.get(f"{url}/metrics", timeout=10).text
        assert "tallystick_database_up 1.0" in numbers
        assert 'database="postgresql"' in numbers
        for path in ("/create", "/gateway/v1/events", "/docs"):
            assert requests.get(url + path, timeout=10).status_code == 404


@pytest.mark.anyio
@pytest.mark.parametrize("path", sorted(PATHS | {b"/create", b"/healthz/", b"/gateway/v1/events"}))
async def test_other_paths_are_unknown(path: bytes) -> None:
    passed = []

    async def app(scope: object, receive: object, send: object) -> None:
        passed.append((scope, receive, send))

    reply = AsgiReply()

    async def receive() -> dict[str, object]:
        return {}

    await WorkerApp(app)({"raw_path": path, "method": "GET"}, receive, reply)
    assert bool(passed) == (path in PATHS)
    assert path in PATHS or reply.status == 404
