"""Right servers of `right_servers/orders.yaml`, a shop's own contract, on common frameworks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from toolchain import do_without

FOLDER = Path(__file__).with_name("right_servers")
CONTRACT = FOLDER / "orders.yaml"
KEY = "shop-key-0123456789"
CREDENTIALS = {
    "shopToken": KEY,
    "shopPassword": f"shop:{KEY}",
    "shopSession": KEY,
    "shopOAuth": KEY,
}
FRAMEWORKS = {
    "FastAPI": [sys.executable, str(FOLDER / "orders_fastapi.py")],
    "Flask behind gunicorn": [sys.executable, str(FOLDER / "orders_flask.py")],
    "Express with body-parser": ["node", str(FOLDER / "orders_express.mjs")],
}
"""Framework → the command of its server, which prints its port."""


@contextmanager
def served_orders(framework: str) -> Iterator[str]:
    """Run a server until the end of the block; yield its URL."""
    command = FRAMEWORKS[framework]
    if shutil.which(command[0]) is None:
        do_without(f"servers by {framework} are NOT judged: {command[0]} is missing")
    with served_by(command) as url:
        yield url


@contextmanager
def served_by(command: Sequence[str]) -> Iterator[str]:
    """Run a command that prints its port until the end of the block; yield the server's URL."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
