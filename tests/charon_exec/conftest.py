from __future__ import annotations

import socket

import pytest

from charon_runs import Cron
from server_process import ServerProcess


@pytest.fixture
def cron(server: ServerProcess) -> Cron:
    return Cron(server)


@pytest.fixture
def nowhere() -> str:
    """Return a URL without a listener."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    return f"http://127.0.0.1:{port}"
