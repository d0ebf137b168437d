"""One holder at a time has the lock of a file."""

from __future__ import annotations

from pathlib import Path

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
