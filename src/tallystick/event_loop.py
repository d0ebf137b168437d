"""Runs the server's event loop: uvloop's, where it is made for the system."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

STOPPING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)
)
"""The signals that stop a server; Windows has SIGBREAK, for Ctrl+Break."""


def run_coroutine(main: Coroutine[Any, Any, Result]) -> Result:
    """Return the result of the coroutine."""
    try:
        import uvloop
    except ImportError:  # it is not made for Windows
        # psycopg needs the loop by select(2) for its notifications, which Windows does not prefer.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            return runner.run(main)
    return uvloop.run(main)
