"""Pages that deleted rows left in an SQLite file: given back to the disk, some at a time."""

from __future__ import annotations

import sqlite3

from sqlalchemy import Connection

from tallystick.store.slices import SliceResult

SHARE_KEPT = 10
"""One page of so many stays free, as new rows take it again."""

INCREMENTAL = 2
"""The `auto_vacuum` of a file that can give pages back (https://sqlite.org/pragma.html)."""


def release_pages(connection: Connection, pages: int) -> SliceResult:
    """Give back up to so many free pages; do nothing on other databases, and on older files."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        return SliceResult(0, is_last=True)
    excess = _excess(driver)
    released = min(pages, excess)
    for _ in range(released):
        # One each: the driver takes no second step of a statement without columns.
        driver.execute("PRAGMA incremental_vacuum(1)")
    return SliceResult(released, is_last=released == excess)


def _excess(driver: sqlite3.Connection) -> int:
    if _number(driver, "auto_vacuum") != INCREMENTAL:
        return 0
    free, pages = _number(driver, "freelist_count"), _number(driver, "page_count")
    used = pages - free
    return max(0, free - used // (SHARE_KEPT - 1))


def _number(driver: sqlite3.Connection, pragma: str) -> int:
    found: int = driver.execute(f"PRAGMA {pragma}").fetchone()[0]
    return found
