"""The context of a writing transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection

from tallystick.events import Event


class WriteContext(NamedTuple):
    """The time of a transaction, a function to store events in it, and two settings."""

    ms: int
    record: Callable[[Connection, Event], None]
    """Stores an event within the connection's transaction."""
    longest_run_ms: int
    """The limit of an execution whose cron has none, and no history that tells a shorter one."""
    console_url: str
    """The address of the console, for links; a path alone if no server is known."""
