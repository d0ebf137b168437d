"""The interface of the store to each kind of database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, TypeAlias
from urllib.parse import quote

from sqlalchemy import URL, Connection, Table, make_url
from sqlalchemy.exc import ArgumentError

from tallystick.store.exceptions import DriverNotInstalled, UnknownDatabase

READERS = 4
"""The number of threads that read, and of connections that an engine opens for them."""

KNOWN = "write sqlite:///FILE, sqlite:// for memory, or postgresql://HOST/NAME"

LAST_PORT = 65_535

_PORT = re.compile("0*[1-9][0-9]{0,4}")
_PORTS_OF_HOSTS = re.compile(r"(?:^|,)[A-Za-z0-9.-]+:([^,]+)")

IsOver: TypeAlias = Callable[[], bool]
"""Returns whether work under way should end; called in any thread."""

Row: TypeAlias = Sequence[Any]
"""The values of one row, in the order of the table's columns and in the driver's types."""


class Engine(Protocol):
    """An open database of one kind.

    Its methods run in threads. They raise `Unavailable` while the database is unreachable.
    """

    committers: int
    """How many transactions with rows may be written at the same time."""

    callers: int
    """How many transactions with one function each may be written beside those with rows.

    With 0, functions share a transaction with rows.
    """

    reads_beside_writes: bool
    """Whether a read has a connection of its own, and may be under way beside a write."""

    patience_s: float | None
    """How many seconds to wait for a silent database; None if this kind always answers or fails."""

    def open(self) -> None:
        """Connect, take the exclusive lock if one is needed, and migrate; raise `StoreError`."""
        ...

    def close(self) -> None:
        """Disconnect, and release the exclusive lock."""
        ...

    def is_in_use(self) -> bool:
        """Return whether another process holds the exclusive lock."""
        ...

    def looking(self) -> AbstractContextManager[Connection | None]:
        """Yield a read-only connection before `open`, or None if the database does not exist yet.

        Raise `StoreError` where `open` would fail.
        """
        ...

    def reading(self, is_over: IsOver | None = None) -> AbstractContextManager[Connection]:
        """Yield a connection with a read-only snapshot of the database.

        A statement ends with an error once `is_over` returns True, where the kind can do so.
        """
        ...

    def writing(self) -> AbstractContextManager[Connection]:
        """Yield a connection in a transaction; commit it to disk when the block ends."""
        ...

    def turn(self) -> AbstractContextManager[None]:
        """Hold the lock of the whole database for the block; one process at a time has it."""
        ...

    def store(self, rows: Mapping[Table, Sequence[Row]]) -> None:
        """Insert complete rows in a transaction of their own, by the driver's fastest way."""
        ...

    def store_at_once(self, rows: Mapping[Table, Sequence[Row]]) -> bool:
        """Insert complete rows on the event loop; return False if that would block it."""
        ...

    def insert(self, connection: Connection, rows: Mapping[Table, Sequence[Row]]) -> None:
        """Insert complete rows within the connection's transaction."""
        ...

    def translate(self, error: Exception) -> Exception:
        """Return the store's exception for a driver's error, or else the error itself."""
        ...

    def blames_row(self, error: Exception) -> bool:
        """Return whether a row caused an insert to fail, rather than the state of the database."""
        ...


def engine_for(url: str, *, exclusive: bool) -> Engine:
    """Return the engine for a URL's scheme, not yet open.

    Raise `UnknownDatabase` or `DriverNotInstalled`.
    """
    parsed = parse_url(url)
    module = _MODULES.get(parsed.drivername)
    if module is None:
        raise UnknownDatabase(f"{parsed.drivername}:// is an unknown kind of database; {KNOWN}")
    # Imported here, so that a start loads the driver of one database only.
    try:
        make: Callable[..., Engine] = import_module(module).engine
    except ImportError:
        needs = "needs an extra: pip install 'tallystick[postgresql]'"
        raise DriverNotInstalled(f"{parsed.drivername}:// {needs}") from None
    return make(parsed, exclusive=exclusive)


def parse_url(url: str) -> URL:
    """Return the parsed URL of a database; raise `UnknownDatabase`."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The message leaves the URL out, as it may hold a password.
        raise UnknownDatabase(f"that is not a database URL; {KNOWN}") from None
    if "@" in (parsed.host or ""):
        # The rest of the password would stand in messages as the name of a host.
        raise UnknownDatabase("write each @ in the password of the database as %40")
    if (file := sqlite_file(parsed)) and (not file.name or "\0" in str(file)):
        raise UnknownDatabase(f"that is not the path of a file; {KNOWN}")
    # libpq takes port 0 for its own default.
    if not all(_PORT.fullmatch(port) and int(port) <= LAST_PORT for port in _ports(parsed)):
        raise UnknownDatabase(f"a port of the database is a number from 1 to {LAST_PORT}")
    return parsed


def _ports(url: URL) -> Iterator[str]:
    """Yield the ports of a URL, also those of several hosts in its options."""
    if url.port is not None:
        yield str(url.port)
    for hosts in url.normalized_query.get("host", ()):
        yield from _PORTS_OF_HOSTS.findall(hosts)
    for ports in url.normalized_query.get("port", ()):
        yield from filter(None, ports.split(","))


def sqlite_url(file: Path) -> str:
    """Return the URL of an SQLite file, with each character of its path."""
    return f"sqlite:///{quote(str(file.absolute()))}"


def sqlite_file(url: URL) -> Path | None:
    """Return the file of an SQLite database; None for one in memory, and for other kinds."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


_MODULES: Mapping[str, str] = {
    "sqlite": "tallystick.store.sqlite",
    "postgresql": "tallystick.store.postgresql",
    "postgres": "tallystick.store.postgresql",
}
"""URL scheme → module with ``engine(url, *, exclusive) -> Engine``."""
