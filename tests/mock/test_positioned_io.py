"""A place of a file is read and written with and without pread(2)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tallystick.mock.positioned_io import read_at, write_at


@pytest.mark.parametrize("system", ["posix", "windows"])
def test_places_are_read_and_written_in_any_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    if system == "windows":
        monkeypatch.delattr(os, "pread")
        monkeypatch.delattr(os, "pwrite")
    file = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    try:
        assert write_at(file, b"abcdef", 0) == 6
        assert write_at(file, b"XY", 2) == 2
        assert read_at(file, 3, 1) == b"bXY"
        assert write_at(file, b"g", 6) == 1
        assert read_at(file, 100, 4) == b"efg"
    finally:
        os.close(file)
