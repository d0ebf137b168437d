"""A file lock, which one process holds until it releases the lock or ends."""

from __future__ import annotations

import time
from pathlib import Path
from typing import IO

_RETRY_S = 0.02


class FileLock:
    """An exclusive lock by flock(2), on Windows by that of a byte.

    The kernel releases it however its holder ends.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def is_held(self) -> bool:
        """Return whether another process holds the lock; leave no file behind."""
        try:
            with self._path.open("rb") as file:
                return not _is_locked(file)
        except OSError:  # a missing or unreadable file is not locked
            return False

    def acquire(self, patience_s: float) -> bool:
        """Take the lock, waiting up to `patience_s` seconds; return whether it was taken."""
        file = self._path.open("ab")
        deadline = time.monotonic() + patience_s
        while not _is_locked(file):
            if time.monotonic() >= deadline:
                file.close()
                return False
            time.sleep(_RETRY_S)
        self._file = file
        return True

    def release(self) -> None:
        """Release the lock, and keep its file.

        After a removal two processes could lock two files of that name.
        """
        if self._file:
            self._file.close()
            self._file = None


def _is_locked(file: IO[bytes]) -> bool:
    """Lock the file if it is free; return whether it was locked."""
    try:
        _lock(file)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _lock(file: IO[bytes]) -> None:
    """Lock the file; raise `BlockingIOError`, or on Windows `PermissionError`, if it is locked."""
    try:
        import fcntl
    except ImportError:
        _lock_first_byte(file)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _lock_first_byte(file: IO[bytes]) -> None:
    import msvcrt  # Windows locks bytes, also those behind the end of a file

    file.seek(0)
    msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]  # there only
