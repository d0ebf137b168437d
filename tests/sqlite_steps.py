"""The steps that SQLite takes: a measure of work that no busy machine changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from sqlalchemy import Connection


def count_steps(connection: Connection, read: Callable[[Connection], object]) -> int:
    """Return how many tens of steps it takes to read something by a connection to SQLite."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.set_progress_handler(count, 10)
    try:
        read(connection)
    finally:
        driver.set_progress_handler(None, 0)
    return steps
