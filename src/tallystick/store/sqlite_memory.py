"""The SQLite engine of a database in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Lock

import sqlalchemy as sa
from sqlalchemy import Connection, Table
from sqlalchemy.pool import StaticPool

from tallystick.store import schema
from tallystick.store.engine import IsOver, Row
from tallystick.store.sqlite_writing import SqliteWriting, driver_of, ending, set_up

TURN_S = 0.002
"""How many seconds the event loop waits for the database in memory, whose transactions are short.
"""


class Memory(SqliteWriting):
    """A database in memory, deleted when it is closed; threads take turns at its one connection."""

    reads_beside_writes = False
    _begin = "BEGIN"

    def __init__(self) -> None:
        self._turn = Lock()

    def open(self) -> None:
        """Create the database and its tables."""
        self._engine = sa.create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        set_up(self._engine, self._begin, ["PRAGMA foreign_keys = ON"])
        self._writer = self._engine.connect()
        self._direct = driver_of(self._writer)
        with self.writing() as connection:
            schema.prepare(connection)

    def store(self, rows: Mapping[Table, Sequence[Row]]) -> None:
        """Insert complete rows in a transaction of their own."""
        with self._turn:
            super().store(rows)

    def is_in_use(self) -> bool:
        """Return False: other processes can't reach this memory."""
        return False

    def looking(self) -> AbstractContextManager[None]:
        """Return a context with None: the database does not exist before `open`."""
        return nullcontext()

    def store_at_once(self, rows: Mapping[Table, Sequence[Row]]) -> bool:
        """Insert complete rows on the event loop; return False if a thread keeps it busy."""
        # Memory waits for no disk, so this needs no thread. Rows are committed together all the
        # same: 44 µs of CPU a request in place of 76 (docs/decisions/store.md,
        # "Is a row in memory committed with others?").
        if not self._turn.acquire(timeout=TURN_S):
            return False
        try:
            super().store(rows)
        finally:
            self._turn.release()
        return True

    def copy(self) -> sqlite3.Connection:
        """Return a copy of the database, for `restore`."""
        kept = sqlite3.connect(":memory:", check_same_thread=False)
        with self._turn:
            self._direct.backup(kept)
        return kept

    def restore(self, kept: sqlite3.Connection) -> None:
        """Replace the content by an earlier `copy`."""
        with self._turn:
            kept.backup(self._direct)

    def close(self) -> None:
        """Delete the database."""
        self._writer.close()
        self._engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield the connection in a transaction."""
        with self._turn, super().writing() as connection:
            yield connection

    @contextmanager
    def reading(self, is_over: IsOver | None = None) -> Iterator[Connection]:
        """Yield the connection in read-only mode."""
        ends = ending(self._direct, is_over)
        with self._turn, self._query_only(), self._writer.begin(), ends:
            yield self._writer

    @contextmanager
    def _query_only(self) -> Iterator[None]:
        self._direct.execute("PRAGMA query_only = ON")
        try:
            yield
        finally:
            self._direct.execute("PRAGMA query_only = OFF")
