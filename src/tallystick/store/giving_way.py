"""Long reads give way to writes: their statements wait while one is under way."""

from __future__ import annotations

from collections.abc import Callable
from time import sleep
from typing import Any

from sqlalchemy import Connection, event

PAUSE_S = 0.0005
"""The seconds from one look at the writes to the next."""

MOST_PAUSES = 200
"""The pauses of all statements of a read: where writes never end, it goes on beside them."""


def give_way(connection: Connection, is_writing: Callable[[], object]) -> None:
    """Let each statement of a connection wait for writes, to begin and before its rows are read.

    The database and Python would work for the read while a write needs them.
    """
    pauses = iter(range(MOST_PAUSES))

    def wait(*_: Any) -> None:
        while is_writing() and next(pauses, None) is not None:
            sleep(PAUSE_S)

    event.listen(connection, "before_cursor_execute", wait)
    event.listen(connection, "after_cursor_execute", wait)
