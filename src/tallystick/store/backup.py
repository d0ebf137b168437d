"""Copies of an SQLite database: made while a server writes to it, and put back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import StaticPool

from tallystick.store import schema
from tallystick.store.draft import draft_of
from tallystick.store.engine import parse_url, sqlite_file
from tallystick.store.exceptions import DatabaseInUse, StoreError
from tallystick.store.file_lock import FileLock
from tallystick.store.key_file import KeyFile

_PAGES = 1_000
"""Pages copied at a time, 4 MB, between two reports of progress."""

Progress = Callable[[int, int], None]
"""``f(done, total)`` is told how many pages are copied."""


class NoBackup(StoreError):
    """The copy can't be made, or not be put back."""


def database_file(url: str) -> Path:
    """Return the path of an SQLite database; raise `NoBackup` for another one."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise NoBackup("PostgreSQL has its own backup: use pg_dump, or an archive of its WAL")
    file = sqlite_file(parsed)
    if file is None:
        raise NoBackup("a database in memory ends with its process: it has no backup")
    return file.absolute()


def back_up(database: Path, copy: Path, progress: Progress) -> None:
    """Copy a database as it is now, also beside a running server.

    Whatever was acknowledged before the call is in the copy. Nothing stands under the name of the
    copy until it is complete and on disk. Raise `NoBackup`.
    """
    if not database.is_file():
        raise NoBackup(f"there is no database {database}: name yours by --database")
    _refuse_existing(copy)
    with _failing(copy), _draft(copy) as draft, closing(_read_only(database)) as source:
        _refuse_foreign(source, database)
        # One snapshot for all steps: without it SQLite begins anew after each write of a server
        # (https://sqlite.org/c3ref/backup_finish.html).
        source.execute("BEGIN")
        source.execute("SELECT * FROM sqlite_master LIMIT 1").fetchall()
        with closing(sqlite3.connect(draft)) as target:
            source.backup(target, pages=_PAGES, progress=_as_done(progress))
            _check(target, database)


def restore(copy: Path, database: Path, progress: Progress) -> None:
    """Put a copy back as a database that is not there yet; raise `StoreError`."""
    if not copy.is_file():
        raise NoBackup(f"there is no file {copy}")
    if FileLock(database.with_name(f"{database.name}.lock")).is_held():
        raise DatabaseInUse(f"another tallystick process uses {database}")
    for each in (database, *(database.with_name(f"{database.name}-{end}") for end in _LOGS)):
        _refuse_existing(each)
    with _failing(database):
        database.parent.mkdir(parents=True, exist_ok=True)
        with _draft(database) as draft, closing(_read_only(copy, is_at_rest=True)) as source:
            _refuse_foreign(source, copy)
            with closing(sqlite3.connect(draft)) as target:
                source.backup(target, pages=_PAGES, progress=_as_done(progress))
                _check(target, copy)


_LOGS = ("wal", "journal")
"""Ends of the files that SQLite would take for the database's own changes."""


def key_of(database: Path) -> Path:
    """Return the path of a database's key file, whether it is there or not."""
    return KeyFile(database).path


def _refuse_existing(path: Path) -> None:
    if path.exists() or path.is_symlink():
        raise NoBackup(f"{path} is there already: move it away first")


def _read_only(path: Path, *, is_at_rest: bool = False) -> sqlite3.Connection:
    # SQLite would leave a log beside a file at rest.
    at_rest = (
        "&immutable=1" if is_at_rest and not path.with_name(f"{path.name}-wal").exists() else ""
    )
    target = f"file:{quote(bytes(path))}?mode=ro{at_rest}"
    return sqlite3.connect(target, uri=True, isolation_level=None)


def _refuse_foreign(source: sqlite3.Connection, path: Path) -> None:
    """Raise `NoBackup` of a file without our tables, and `SchemaTooNew` of a newer one."""
    engine = sa.create_engine("sqlite://", creator=lambda: source, poolclass=StaticPool)
    try:
        with engine.connect() as connection:
            is_ours = schema.version(connection) is not None
            schema.is_current(connection)
    except DatabaseError as error:
        raise NoBackup(f"{path} can't be read: {error.orig}") from error
    if not is_ours:
        raise NoBackup(f"{path} is no database of tallystick")


def _check(copy: sqlite3.Connection, source: Path) -> None:
    [(found,)] = copy.execute("PRAGMA quick_check(1)")
    if found != "ok":
        raise NoBackup(f"{source} is damaged: {found.splitlines()[-1]}")


def _as_done(progress: Progress) -> Callable[[int, int, int], None]:
    def report(_: int, remaining: int, total: int) -> None:
        progress(total - remaining, total)

    return report


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    try:
        with draft_of(path) as draft:
            yield draft
    except FileExistsError:
        _refuse_existing(path)
        raise


@contextmanager
def _failing(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NoBackup(f"can't write {path}: {reason}") from error
