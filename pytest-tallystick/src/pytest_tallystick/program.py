"""Finds a Tallystick to start: in this Python, by uvx or as a container."""

from __future__ import annotations

import shutil
import socket
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import NamedTuple

ANYWHERE = "0.0.0.0"
"""Where a container listens, for its port to be reached from outside."""


class NoProgram(Exception):
    """There is no Tallystick to start; the message says what helps."""


class Program(NamedTuple):
    """The words that start Tallystick, and the options of an address."""

    words: Sequence[str]
    address: Sequence[str] = ("--port", "0")
    start_s: float = 600.0
    """The seconds until it listens: it may be downloaded first."""


def find_program(image: str = "") -> Program:
    """Return the program, in a container if an `image` is given; raise `NoProgram`."""
    if image:
        return _find_container(image)
    if find_spec("tallystick"):
        return Program([sys.executable, "-m", "tallystick"], start_s=60.0)
    if uvx := shutil.which("uvx"):
        return Program([uvx, "tallystick"])
    raise NoProgram(
        "install tallystick or uvx, or set tallystick_image or tallystick_mock_url for pytest"
    )


def _find_container(image: str) -> Program:
    engine = shutil.which("docker") or shutil.which("podman")
    if engine is None:
        raise NoProgram(f"the image {image} needs docker or podman")
    port = _free_port()
    published = ["run", "--rm", "--publish", f"127.0.0.1:{port}:{port}"]
    address = ["--host", ANYWHERE, "--allow-remote", "--port", str(port)]
    return Program([engine, *published, image], address)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
