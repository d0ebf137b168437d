"""The time of the last backup: that of the file ``DATABASE.backup``, which each backup touches."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def note_backup(database: Path) -> None:
    """Note that a backup was made now; without the right to write, nothing is noted."""
    with suppress(OSError):
        _note(database).touch(mode=0o600)


def last_backup_s(database: Path) -> float | None:
    """Return the time of the last backup in seconds since the epoch; None if none is known."""
    try:
        return _note(database).stat().st_mtime
    except OSError:
        return None


def _note(database: Path) -> Path:
    return database.with_name(f"{database.name}.backup")
