"""Sends the service at least 10,000 requests and checks each answer: `make conformance`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from rich.console import Console

from server_process import ServerProcess
from tallystick.gate import runner
from tallystick.gate.configuration import Budget, Configuration
from tallystick.gate.terminal import show

LEAST = 10_000


def main() -> int:
    """Return 0 if all answers conform to the contracts, and there were enough of them."""
    with tempfile.TemporaryDirectory() as folder:
        server = ServerProcess(folder=Path(folder)).start()
        try:
            run = runner.run_suites(Configuration(server.url, ("event_store",), Budget.NORMAL))
        finally:
            server.stop()
    show(run, Console())
    return run.exit_code or int(run.answers < LEAST)


if __name__ == "__main__":
    sys.exit(main())
