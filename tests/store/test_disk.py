"""A database that is a file tells of its disk, and another one nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallystick.store.disk import read_disk
from tallystick.store.last_backup import note_backup


def test_a_file_tells_of_its_disk_and_backup(tmp_path: Path) -> None:
    database = tmp_path / "tallystick.db"
    note_backup(database)
    free, size, backup = (family.samples[()] for family in read_disk(f"sqlite:///{database}"))
    assert 0 < free < size
    assert backup > 1_700_000_000


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:////no/such/folder/a.db", "postgresql://127.0.0.1/a"]
)
def test_a_database_elsewhere_tells_nothing(url: str) -> None:
    assert [family.samples for family in read_disk(url)] == [{}, {}, {}]
