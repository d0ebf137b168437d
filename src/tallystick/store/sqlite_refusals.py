"""Why an SQLite file can't be used, in words."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import stat
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from tallystick.store.exceptions import DatabaseUnavailable, DatabaseUnusable, NoDatabase

_LASTING = frozenset(
    {errno.EISDIR, errno.EINVAL, errno.ELOOP, errno.ENAMETOOLONG, errno.ENOTDIR, errno.ENXIO}
)
"""The errors of a path that leads to no file, however often it is tried."""


def unusable(path: Path, error: BaseException) -> DatabaseUnusable | NoDatabase:
    """Return the exception for a file that an error made unusable."""
    cause = _cause(_find_refusal(path) or error)
    reason = _reason(cause)
    words = f"can't use {path}: {reason}{_ADVICE.get(reason, '')}"
    if _is_lasting(cause):
        return NoDatabase(words)
    return DatabaseUnusable(f"{words}, and the disk is full" if _is_full(path) else words)


def _is_lasting(cause: BaseException) -> bool:
    """Return whether something else than a database is there, rather than one in trouble."""
    if isinstance(cause, OSError):
        return cause.errno in _LASTING
    is_told = isinstance(cause, sqlite3.DatabaseError)
    return is_told and getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB


def _find_refusal(path: Path) -> OSError | None:
    # SQLite names the file alone, whatever folder it could not write.
    try:
        refuse_unwritable(path)
    except OSError as refusal:
        return refusal
    return None


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free == 0
    except OSError:
        return False


def refuse_unwritable(path: Path) -> None:
    """Raise `OSError` if the file, or a folder on the way to it, can't be written."""
    _refuse_other_kinds(path)
    there = next(p for p in (path, *path.parents) if p.exists())
    if there != path and not there.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(there))
    folder = path.parent if there == path else there
    for needed in (folder, there):
        if not os.access(needed, os.W_OK):
            number = errno.EROFS if _is_on_read_only(needed) else errno.EACCES
            raise OSError(number, os.strerror(number), str(needed))


def _refuse_other_kinds(path: Path) -> None:
    """Raise `OSError` if the path leads to something else than a file."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "Not a regular file", str(path))


def _is_on_read_only(path: Path) -> bool:
    return hasattr(os, "statvfs") and bool(os.statvfs(path).f_flag & os.ST_RDONLY)


_ADVICE = dict.fromkeys(
    ("file is not a database", "database disk image is malformed"),
    "; name another by --database, or move it away and restore a backup",
)
"""What to do, by the reason in SQLite's words."""


def _cause(error: BaseException) -> BaseException:
    if isinstance(error, DatabaseUnavailable) and error.__cause__:
        return _cause(error.__cause__)
    if isinstance(error, DatabaseError) and error.orig:
        return error.orig
    return error


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.strerror}: {error.filename}"
    return str(error)
