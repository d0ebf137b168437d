"""What the store asks of each kind of database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Any, Protocol, TypeAlias

from sqlalchemy import URL, Connection, Table, make_url
from sqlalchemy.exc import ArgumentError

from tallystick.store.exceptions import UnknownDatabase

READERS = 4
"""Threads that read, and so the connections that an engine needs for them."""

KNOWN = "write sqlite:///FILE, sqlite:// for memory, or postgresql://HOST/NAME"

Row: TypeAlias = Sequence[Any]
"""Values in the order of the table's columns, as the driver takes them."""


class Engine(Protocol):
    """One database of one kind; its methods run in threads.

    They raise `Unavailable` when the database is away.
    """

    committers: int
    """Transactions with rows that may be written at a time."""

    callers: int
    """Transactions with a function each that may be written at a time, beside those with rows.

    None: functions share the one transaction with the rows.
    """

    patience_s: float | None
    """How long to wait for a database that says nothing; None where none can be so silent."""

    def open(self) -> None:
        """Connect, alone if need be, and migrate; raises `StoreError`."""
        ...

    def close(self) -> None:
        """Disconnect, and let others in."""
        ...

    def is_in_use(self) -> bool:
        """Whether another process keeps this one from opening."""
        ...

    def looking(self) -> AbstractContextManager[Connection | None]:
        """A connection that changes nothing, before `open`; None where a start makes all anew.

        Raises `StoreError` where `open` would fail.
        """
        ...

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection that sees one state of the database and changes nothing."""
        ...

    def writing(self) -> AbstractContextManager[Connection]:
        """A connection in a transaction, committed and on disk at the end."""
        ...

    def turn(self) -> AbstractContextManager[None]:
        """What one process has at a time, while others wait for it."""
        ...

    def store(self, rows: Mapping[Table, Sequence[Row]]) -> None:
        """Insert whole rows in a transaction of their own, as fast as the driver can."""
        ...

    def store_at_once(self, rows: Mapping[Table, Sequence[Row]]) -> bool:
        """Do so on the event loop, which others wait for; false if that would take long."""
        ...

    def insert(self, connection: Connection, rows: Mapping[Table, Sequence[Row]]) -> None:
        """Insert whole rows within a transaction."""
        ...

    def translate(self, error: Exception) -> Exception:
        """What callers understand in place of a driver's error, where there is such a word."""
        ...

    def blames_row(self, error: Exception) -> bool:
        """Whether an insert failed for what was inserted, and not for the database's state."""
        ...


def engine_for(url: str, *, exclusive: bool) -> Engine:
    """The engine of a URL's kind, not yet open; raises `UnknownDatabase`."""
    parsed = parse_url(url)
    module = _MODULES.get(parsed.drivername)
    if module is None:
        raise UnknownDatabase(f"{parsed.drivername}:// is an unknown kind of database; {KNOWN}")
    # Only the engine that is used, and its driver, are loaded.
    make: Callable[..., Engine] = import_module(module).engine
    return make(parsed, exclusive=exclusive)


def parse_url(url: str) -> URL:
    """Return the parts of a database's URL; raise `UnknownDatabase`."""
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        # Not repeated: it may hold a password.
        raise UnknownDatabase(f"that is not a database URL; {KNOWN}") from None


_MODULES: Mapping[str, str] = {
    "sqlite": "tallystick.store.sqlite",
    "postgresql": "tallystick.store.postgresql",
    "postgres": "tallystick.store.postgresql",
}
"""URL scheme → module with ``engine(url, *, exclusive) -> Engine``."""
