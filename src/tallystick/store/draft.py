"""Drafts of files, named when complete, and the removal of abandoned ones."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from tallystick.store.file_lock import FileLock

_NAME = re.compile(r".+\.[0-9a-f]{16}\.part", re.DOTALL)


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """Yield the path of a new file; give it its name when the block ends well.

    Drafts of killed processes in the same folder are removed first, as they take its room.
    Raise `FileExistsError` if the name is taken by then.
    """
    remove_abandoned(path.parent)
    # Two commands at a time may make copies of one name.
    draft = path.with_name(f"{path.name}.{token_hex(8)}.part")
    with _held(draft):
        try:
            os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            yield draft
            _sync(draft)
            # A link fails where the name exists by now, and a rename would replace it.
            os.link(draft, path)
            _sync(path.parent)
        finally:
            _remove(draft)


def remove_abandoned(folder: Path) -> None:
    """Remove the drafts in a folder whose lock is free, as far as this user may."""
    with suppress(OSError):
        for draft in [each for each in folder.iterdir() if _NAME.fullmatch(each.name)]:
            _remove_abandoned(draft)


def _remove_abandoned(draft: Path) -> None:
    # Without its lock it is some other program's, or of a folder that knows no locks.
    if not _lock_of(draft).exists():
        return
    lock = FileLock(_lock_of(draft))
    with suppress(OSError):  # another user's, or gone by now
        if lock.acquire(0):
            try:
                _remove(draft)
            finally:
                lock.release()
            _lock_of(draft).unlink(missing_ok=True)


@contextmanager
def _held(draft: Path) -> Iterator[None]:
    # Not of the draft itself: on NFS it would be a lock of its bytes, as SQLite takes (flock(2)).
    lock = FileLock(_lock_of(draft))
    try:
        lock.acquire(0)
    except OSError:
        # The folder knows no locks, or can't be written to, which the draft itself then tells.
        _lock_of(draft).unlink(missing_ok=True)
    try:
        yield
    finally:
        lock.release()
        _lock_of(draft).unlink(missing_ok=True)


def _lock_of(draft: Path) -> Path:
    return draft.with_name(f"{draft.name}.lock")


def _remove(draft: Path) -> None:
    draft.unlink(missing_ok=True)
    # SQLite leaves it where a disk without room stops it.
    draft.with_name(f"{draft.name}-journal").unlink(missing_ok=True)


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
