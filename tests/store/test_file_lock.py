"""One holder at a time has the lock of a file."""

from __future__ import annotations

import errno
import fcntl
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tallystick.store.file_lock import FileLock


def test_one_holder_keeps_others_out_until_it_lets_go(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.acquire(0)
    assert not second.acquire(0)
    first.release()
    assert second.acquire(0)
    second.release()


def test_locks_of_two_files_are_independent(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "one"), FileLock(tmp_path / "other")
    assert first.acquire(0)
    assert second.acquire(0)
    first.release()
    second.release()


def test_the_file_and_what_is_in_it_stay(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    file.write_bytes(b"kept")
    lock = FileLock(file)
    assert lock.acquire(0)
    lock.release()
    assert file.read_bytes() == b"kept"


def test_a_byte_is_locked_where_there_is_no_flock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = ModuleType("msvcrt")
    vars(windows).update(LK_NBLCK=2, locking=_locking)
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", windows)
    (tmp_path / "lock").write_bytes(b"kept")

    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.acquire(0)
    assert second.is_held()
    assert not second.acquire(0)
    first.release()
    assert not second.is_held()
    assert second.acquire(0)
    second.release()


def _locking(file: int, mode: int, size: int) -> None:
    """Lock as Microsoft's C library does: a byte at the file's place, refused by EACCES."""
    assert (mode, size, os.lseek(file, 0, os.SEEK_CUR)) == (2, 1, 0)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PermissionError(errno.EACCES, "Permission denied") from None
