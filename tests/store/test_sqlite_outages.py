"""SQLite's codes have words, and what is a caller's own fault has none."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from tallystick.store.exceptions import DatabaseUnavailable
from tallystick.store.sqlite_outages import READ_OUTAGES, WRITE_OUTAGES, telling, to_unavailable


def error_of(name: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorcode = getattr(sqlite3, name)
    return error


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SQLITE_FULL", "disk full"),
        ("SQLITE_IOERR_WRITE", "the disk fails, or is full"),
        ("SQLITE_IOERR_FSYNC", "the disk fails, or is full"),
        ("SQLITE_READONLY_DBMOVED", "it is read-only"),
        ("SQLITE_BUSY_SNAPSHOT", "another process holds its lock"),
        ("SQLITE_CANTOPEN", "its file can't be opened"),
    ],
)
def test_sqlite_s_codes_have_words(name: str, words: str) -> None:
    told = f"The database can't be used: {words}."
    assert str(to_unavailable(error_of(name), WRITE_OUTAGES)) == told
    wrapped = OperationalError("SELECT 1", None, error_of(name))
    assert str(to_unavailable(wrapped, WRITE_OUTAGES)) == told


def test_a_connection_that_reads_is_read_only_by_itself() -> None:
    assert to_unavailable(error_of("SQLITE_READONLY"), READ_OUTAGES) is None


def test_the_driver_s_words_are_the_cause_of_what_callers_are_told() -> None:
    with pytest.raises(DatabaseUnavailable) as told, telling(READ_OUTAGES):
        raise error_of("SQLITE_FULL")
    assert str(told.value.__cause__) == "as SQLite says it"
    with pytest.raises(sqlite3.OperationalError), telling(READ_OUTAGES):
        raise error_of("SQLITE_ERROR")
