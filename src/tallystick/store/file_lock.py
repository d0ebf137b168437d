"""A lock that one process holds on a file, until it lets go or ends."""

from __future__ import annotations

import fcntl
import time
from pathlib import Path
from typing import IO

_RETRY_S = 0.02


class FileLock:
    """An exclusive lock; the system frees it when its holder dies, however it dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def is_held(self) -> bool:
        """Whether another holds the lock; nothing is made to find out."""
        try:
            with self._path.open("rb") as file:
                return not _is_locked(file)
        except OSError:  # nobody could hold what can't be opened
            return False

    def acquire(self, patience_s: float) -> bool:
        """Take the lock if it is, or becomes, free; whether it was taken."""
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
        """Let go. The file stays: removing it could part two processes that lock it."""
        if self._file:
            self._file.close()
            self._file = None


def _is_locked(file: IO[bytes]) -> bool:
    """Lock the file if it is free; whether that was done."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
