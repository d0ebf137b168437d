"""What SQLite alone does: a file that one server has to itself, or memory."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from store_rows import entry, names, put
from tallystick.store import (
    Database,
    DatabaseInUse,
    DatabaseUnavailable,
    NoDatabase,
    sqlite,
)

pytestmark = pytest.mark.anyio


@pytest.mark.reliability("A second process, a locked file")
async def test_a_second_server_on_a_file_is_refused_until_the_first_has_closed(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/tallystick.db"
    first, second = Database(url), Database(url)
    await first.open()
    with pytest.raises(DatabaseInUse, match=r"tallystick\.db is in use by another"):
        await second.open()
    await first.ping()
    await first.close()
    await second.open()
    await second.close()


async def test_a_file_is_made_with_its_folder(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/one/two/tallystick.db")
    await database.open()
    await database.close()
    assert (tmp_path / "one" / "two" / "tallystick.db").is_file()


@pytest.mark.parametrize("end", ["", "-wal"])
async def test_nothing_is_stored_in_a_file_that_was_removed(tmp_path: Path, end: str) -> None:
    database = Database(f"sqlite:///{tmp_path}/tallystick.db")
    await database.open()
    await database.append(entry("before"))
    (tmp_path / f"tallystick.db{end}").unlink()
    with pytest.raises(DatabaseUnavailable, match="was moved or removed"):
        await database.write(partial(put, name="lost"))
    with pytest.raises(DatabaseUnavailable, match="was moved or removed"):
        await database.append(entry("lost"))
    await database.close()


async def test_a_new_file_is_its_owners_alone_with_all_that_is_beside_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/tallystick.db")
    await database.open()
    modes = {f.name: f.stat().st_mode & 0o777 for f in tmp_path.iterdir() if ".lock" not in f.name}
    await database.close()
    assert {"tallystick.db", "tallystick.db-wal", "tallystick.db-shm"} <= set(modes)
    assert set(modes.values()) == {0o600}


async def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear Sir or Madam, " * 100, encoding="utf-8")
    before = file.read_bytes()
    for exclusive in (True, False):
        with pytest.raises(NoDatabase, match=r"can't use .*letter\.txt: .*not a database"):
            await Database(f"sqlite:///{file}", exclusive=exclusive).open()
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", ["folder", "file/tallystick.db"])
async def test_a_path_that_can_hold_no_file_is_refused_in_words(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(NoDatabase, match="can't use"):
        await Database(f"sqlite:///{tmp_path}/{name}").open()


async def test_a_database_that_could_not_be_opened_is_locked_for_nobody(tmp_path: Path) -> None:
    file = tmp_path / "tallystick.db"
    file.write_text("Dear Sir or Madam, " * 100, encoding="utf-8")
    refused = Database(f"sqlite:///{file}")
    with pytest.raises(NoDatabase):
        await refused.open()
    file.unlink()
    database = Database(f"sqlite:///{file}")
    await database.open()
    await database.close()
    await refused.close()


async def test_memory_is_another_database_each_time() -> None:
    first, second = Database("sqlite://"), Database("sqlite:///:memory:")
    await first.open()
    await second.open()
    row = text("INSERT INTO revisions VALUES ('one', 1)")
    await first.write(lambda connection: connection.execute(row).rowcount)
    count = text("SELECT count(*) FROM revisions")
    assert await second.read(lambda connection: connection.scalar(count)) == 0
    await first.close()
    await second.close()


async def test_an_acknowledged_write_is_synced_to_disk_before(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/tallystick.db")
    await database.open()
    modes = [text("PRAGMA journal_mode"), text("PRAGMA synchronous"), text("PRAGMA foreign_keys")]
    found = await database.write(lambda connection: [connection.scalar(mode) for mode in modes])
    assert found == ["wal", 2, 1]
    await database.close()


async def test_a_log_that_readers_kept_long_is_begun_anew_before_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOG_BYTES", 500_000)
    monkeypatch.setattr(sqlite, "SHORTENED_EVERY_S", 0.0)
    database = Database(f"sqlite:///{tmp_path}/tallystick.db")
    await database.open()
    log = tmp_path / "tallystick.db-wal"
    has_come, may_leave = threading.Event(), threading.Event()

    def stay(connection: Connection) -> int:
        found = len(names(connection))
        has_come.set()
        may_leave.wait(30)
        return found

    def measure(connection: Connection) -> tuple[int, int]:
        return len(names(connection)), log.stat().st_size

    first = asyncio.create_task(database.read(stay))
    await asyncio.to_thread(has_come.wait, 30)
    for number in range(100):
        await database.append(entry(f"{number}{'x' * 10_000}"))
    assert log.stat().st_size > 1_000_000
    next_one = asyncio.create_task(database.read(measure))
    may_leave.set()

    before = await first
    assert await next_one == (before + 100, 0)
    await database.close()


async def test_a_reader_of_another_process_keeps_the_log_and_hinders_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOG_BYTES", 500_000)
    monkeypatch.setattr(sqlite, "SHORTENED_EVERY_S", 0.0)
    database = Database(f"sqlite:///{tmp_path}/tallystick.db")
    await database.open()
    log = tmp_path / "tallystick.db-wal"
    other = sqlite3.connect(tmp_path / "tallystick.db", isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM revisions").fetchone()
    for number in range(60):
        await database.append(entry(f"{number}{'x' * 10_000}"))
        assert len(await database.read(names)) > number
    assert log.stat().st_size > 500_000

    other.close()
    await database.read(names)
    assert log.stat().st_size == 0
    await database.close()


async def test_a_full_disk_fails_what_does_not_fit_and_then_all_is_well_again(
    tmp_path: Path,
) -> None:
    database = Database(f"sqlite:///{tmp_path}/tallystick.db")
    await database.open()
    await set_size_limit(database, "1")  # SQLite takes the present size for the least
    outcomes = await asyncio.gather(
        *(database.append(entry(f"a{n}" + "x" * 1_000)) for n in range(200)),
        return_exceptions=True,
    )
    assert {type(outcome) for outcome in outcomes} == {DatabaseUnavailable}
    names_to_put = ("small", "x" * 100_000, "small too")
    writes = [database.write(partial(put, name=name)) for name in names_to_put]
    for outcome in await asyncio.gather(*writes, return_exceptions=True):
        assert isinstance(outcome, DatabaseUnavailable)
        assert "disk full" in str(outcome)
    assert await database.read(names) == set()
    await set_size_limit(database, "1000000")
    await database.append(entry("after"))
    assert await database.read(names) == {"after"}
    await database.close()


async def set_size_limit(database: Database, pages: str) -> None:
    limit = text(f"PRAGMA max_page_count = {pages}")
    await database.write(lambda connection: connection.scalar(limit))
