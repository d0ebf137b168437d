"""The time of a backup is kept in a file beside the database."""

from __future__ import annotations

import os
from pathlib import Path

from tallystick.store.last_backup import last_backup_s, note_backup


def test_the_last_backup_is_the_one_that_counts(tmp_path: Path) -> None:
    database = tmp_path / "tallystick.db"
    assert last_backup_s(database) is None
    note_backup(database)
    os.utime(tmp_path / "tallystick.db.backup", (5, 5))
    assert last_backup_s(database) == 5
    note_backup(database)
    assert (last_backup_s(database) or 0) > 5


def test_a_folder_without_the_right_to_write_is_no_fault(tmp_path: Path) -> None:
    note_backup(tmp_path / "missing" / "tallystick.db")
    assert last_backup_s(tmp_path / "missing" / "tallystick.db") is None
