"""After much is deleted, an SQLite file becomes smaller."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from store_rows import entry
from tallystick.clock import SystemClock
from tallystick.events import EventLog
from tallystick.store import Database, SliceResult
from tallystick.store.free_pages import release_pages

pytestmark = pytest.mark.anyio

ROWS = 500


async def filled(path: Path) -> Database:
    """Return a database whose rows were large and are deleted."""
    database = Database(f"sqlite:///{path}")
    await database.open()
    await database.append(*(entry(f"{number}{'x' * 4_000}") for number in range(ROWS)))
    await database.write(lambda connection: connection.execute(text("DELETE FROM revisions")))
    return database


def free_pages(connection: Connection) -> int:
    found: int = connection.scalar(text("PRAGMA freelist_count")) or 0
    return found


async def test_a_pruned_file_gives_its_pages_back(tmp_path: Path) -> None:
    path = tmp_path / "tallystick.db"
    database = await filled(path)
    before = await database.read(free_pages)
    await EventLog(database, SystemClock(), 1_000).prune_events(max_count=1)
    after = await database.read(free_pages)
    pages = await database.read(lambda c: c.scalar(text("PRAGMA page_count")))
    await database.close()

    assert before >= ROWS
    assert 0 < after <= pages / 10
    assert path.stat().st_size == pages * 4_096


async def test_a_slice_gives_no_more_pages_back_than_it_may(tmp_path: Path) -> None:
    database = await filled(tmp_path / "tallystick.db")
    before = await database.read(free_pages)
    assert await database.write(lambda c: release_pages(c, 7)) == SliceResult(7, is_last=False)
    assert await database.read(free_pages) == before - 7
    await database.close()


async def test_a_file_made_before_keeps_its_pages(tmp_path: Path) -> None:
    path = tmp_path / "tallystick.db"
    older = sqlite3.connect(path)
    older.execute("PRAGMA user_version = 1")  # its first page is on disk, without any table
    older.close()
    database = await filled(path)
    assert await database.write(lambda c: release_pages(c, 7)) == SliceResult(0, is_last=True)
    await database.close()


async def test_postgresql_looks_after_its_own(postgres_url: str) -> None:
    database = Database(postgres_url)
    await database.open()
    assert await database.write(lambda c: release_pages(c, 7)) == SliceResult(0, is_last=True)
    await database.close()
