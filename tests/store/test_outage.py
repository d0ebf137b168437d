"""What keeps the database from storing is told, and is over when it stores again."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from psycopg import errors
from sqlalchemy import Connection, make_url, text

from store_rows import entry, names
from tallystick.store import Database, DatabaseUnavailable, sqlite
from tallystick.store.postgresql import PostgreSQL
from tallystick.store.postgresql import engine as postgresql_engine
from tallystick.store.sqlite import File
from tallystick.store.writer import SILENT

pytestmark = pytest.mark.anyio

FULL = "The database can't be used: disk full."
LOCKED = "The database can't be used: another process holds its lock."

FULL_ON_INSERT = """
CREATE FUNCTION full_disk() RETURNS trigger AS
    $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$
    LANGUAGE plpgsql;
CREATE TRIGGER full_disk BEFORE INSERT ON revisions FOR EACH ROW EXECUTE FUNCTION full_disk()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tallystick.db"


@pytest.fixture
async def database(file: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """A database in a file that waits for another's lock, but not for long."""
    monkeypatch.setattr(sqlite, "BUSY_S", 0.2)
    made = Database(f"sqlite:///{file}")
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def lock(file: Path) -> Iterator[Callable[[], sqlite3.Connection]]:
    """Lock the database as `sqlite3` does after ``BEGIN EXCLUSIVE``."""
    other = sqlite3.connect(file, isolation_level=None)

    def begin() -> sqlite3.Connection:
        other.execute("BEGIN EXCLUSIVE")
        return other

    yield begin
    other.close()


@pytest.mark.reliability("Full disk, I/O errors")
async def test_an_outage_begins_with_what_can_t_be_stored_and_ends_with_a_probe(
    database: Database,
) -> None:
    await set_size_limit(database, "1")
    assert database.outage == ""
    with pytest.raises(DatabaseUnavailable, match=FULL):
        await database.append(entry("x" * 100_000))
    assert database.outage == FULL
    with pytest.raises(DatabaseUnavailable, match=FULL):
        await database.ping()
    await set_size_limit(database, "1000000")
    assert database.outage == FULL
    await database.ping()
    assert database.outage == ""
    assert await database.read(names) == set()


async def test_an_outage_is_logged_once_a_minute(
    database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_size_limit(database, "1")
    for now in (1.0, 2.0, 60.9, 61.0, 62.0):
        monkeypatch.setattr("tallystick.once_per_minute.monotonic", lambda now=now: now)
        failing = (database.append(entry("x" * 100_000)), database.write(put_large))
        await asyncio.gather(*failing, return_exceptions=True)
    assert caplog.messages == [f"{FULL} Calls that need it are answered by a 503."] * 2


async def test_a_statement_that_sqlite_can_undo_by_itself_fails_alone(database: Database) -> None:
    await set_size_limit(database, "1")
    calls = [database.write(put_several), database.write(lambda _: "small")]
    failed, done = await asyncio.gather(*calls, return_exceptions=True)
    assert (str(failed), done) == (FULL, "small")


async def test_a_lock_is_waited_for(
    database: Database, lock: Callable[[], sqlite3.Connection]
) -> None:
    holder = lock()
    appended = database.append(entry("one"))
    await asyncio.sleep(0.05)
    assert not appended.done()
    holder.execute("COMMIT")
    await appended
    assert await database.read(names) == {"one"}


async def test_a_lock_that_is_not_let_go_is_an_outage_of_what_writes_alone(
    database: Database, lock: Callable[[], sqlite3.Connection]
) -> None:
    await database.append(entry("before"))
    holder = lock()
    for call in (database.append(entry("lost")), database.write(lambda _: None)):
        with pytest.raises(DatabaseUnavailable, match=LOCKED) as refusal:
            await call
        assert refusal.value.headers == {"Retry-After": "1"}
    assert await database.read(names) == {"before"}
    holder.execute("COMMIT")
    await database.append(entry("after"))
    assert await database.read(names) == {"before", "after"}


async def test_a_database_that_is_locked_at_start_is_refused_in_words(
    file: Path, monkeypatch: pytest.MonkeyPatch, lock: Callable[[], sqlite3.Connection]
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_S", 0.2)
    lock()
    with pytest.raises(Exception, match=r"can't use .*tallystick\.db: database is locked"):
        await Database(f"sqlite:///{file}").open()


@pytest.mark.reliability("Full disk, I/O errors")
async def test_a_damaged_file_is_an_outage(database: Database, file: Path) -> None:
    for number in range(200):
        await database.append(entry(f"{number}" + "x" * 1_000))
    await database.write(lambda connection: connection.execute(text("SELECT 1")).all())
    with sqlite3.connect(file) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    damaged = bytearray(file.read_bytes())
    damaged[4096:] = b"\xff" * (len(damaged) - 4096)
    file.write_bytes(damaged)
    with pytest.raises(DatabaseUnavailable, match="its file is damaged"):
        await database.read(names)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (errors.DiskFull(), FULL),
        (errors.IoError(), "The database can't be used: the disk fails, or is full."),
        (errors.ReadOnlySqlTransaction(), "The database can't be used: it is read-only."),
        (errors.TooManyConnections(), "The database is not available."),
        (errors.AdminShutdown(), "The database is not available."),
    ],
)
def test_postgresql_s_states_have_words(error: Exception, words: str) -> None:
    assert str(a_postgresql().translate(error)) == words


async def test_the_log_has_the_words_of_postgresql_and_the_answer_has_not(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database(postgres_url)
    await database.open()
    slow = "SET LOCAL statement_timeout = 10; SELECT pg_sleep(1)"
    with pytest.raises(DatabaseUnavailable) as raised:
        await database.write(lambda connection: connection.execute(text(slow)))
    await database.close()
    assert str(raised.value) == "The database is not available."
    told = "It says: canceling statement due to statement timeout. Calls that need it"
    assert told in caplog.text


def test_an_error_of_the_caller_s_is_no_outage(file: Path) -> None:
    for engine in (File(file, exclusive=True), a_postgresql()):
        error = ValueError("the caller's")
        assert engine.translate(error) is error


def test_a_row_beyond_the_bounds_of_postgresql_is_no_outage() -> None:
    error = errors.ProgramLimitExceeded("index row size 2720 exceeds btree version 4 maximum 2704")
    assert a_postgresql().translate(error) is error


@pytest.mark.reliability("Full disk, I/O errors")
async def test_a_full_disk_of_postgresql_is_an_outage(postgres_url: str) -> None:
    database = Database(postgres_url)
    await database.open()
    await database.write(lambda connection: connection.execute(text(FULL_ON_INSERT)))
    for call in (database.append(entry("lost")), database.write(put_large), database.ping()):
        with pytest.raises(DatabaseUnavailable, match=FULL):
            await call
    room = text("DROP TRIGGER full_disk ON revisions")
    await database.write(lambda connection: connection.execute(room))
    await database.ping()
    await database.append(entry("after"))
    assert await database.read(names) == {"after"}
    await database.close()


async def test_a_database_that_says_nothing_is_an_outage(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tallystick.store.postgresql.PATIENCE_S", 0.2)
    database = Database(postgres_url)
    await database.open()
    slow = partial(text, "SELECT pg_sleep(1)")
    with pytest.raises(DatabaseUnavailable, match=SILENT):
        await database.write(lambda connection: connection.execute(slow()).all())
    assert database.outage == SILENT
    assert len(caplog.messages) == 1
    await database.close()


async def set_size_limit(database: Database, pages: str) -> None:
    limit = text(f"PRAGMA max_page_count = {pages}")
    await database.write(lambda connection: connection.scalar(limit))


def put_large(connection: Connection) -> None:
    large = text("INSERT INTO revisions VALUES (:name, 1)")
    connection.execute(large, {"name": "x" * 100_000})


def put_several(connection: Connection) -> None:
    """Insert rows of which a constraint may refuse the second, so that SQLite keeps a journal."""
    several = "INSERT INTO revisions SELECT column1 || :large, 1 FROM (VALUES (1), (2))"
    connection.execute(text(several), {"large": "x" * 100_000})


def a_postgresql() -> PostgreSQL:
    """An engine that connects to nothing."""
    return postgresql_engine(make_url("postgresql://127.0.0.1:1/none"), exclusive=True)


async def test_the_end_of_an_outage_is_logged_once_if_its_beginning_was(
    database: Database, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    again = "The database answers and stores again."
    await database.ping()
    assert again not in caplog.messages
    locker = sqlite3.connect(file, isolation_level=None)
    locker.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailable):
        await database.append(entry("lost"))
    with pytest.raises(DatabaseUnavailable):
        await database.ping()
    assert again not in caplog.messages
    locker.close()
    for _ in range(2):
        await database.ping()
    assert caplog.messages.count(again) == 1
