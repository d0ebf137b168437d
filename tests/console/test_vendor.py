"""Vendored files are those of their table."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "src/tallystick/web/vendor"


def test_each_vendored_file_is_the_one_of_its_table() -> None:
    lines = (VENDOR / "README.md").read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")][1:]

    digests = {row[0]: row[-1] for row in rows}

    assert digests == {
        file.name: sha256(file.read_bytes()).hexdigest()
        for file in VENDOR.iterdir()
        if file.name != "README.md"
    }
    assert all(version and licence for _, _, version, licence, _, _ in rows)
