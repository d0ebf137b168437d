"""Figures of a database's file: the room on its disk, and the time of its last backup."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from tallystick.metric_family import MetricFamily, gauge
from tallystick.store.engine import parse_url, sqlite_file
from tallystick.store.last_backup import last_backup_s


def read_disk(url: str) -> Iterator[MetricFamily]:
    """Yield the figures; without a sample for a database that is in no folder of this machine."""
    file = sqlite_file(parse_url(url))
    # A folder that was taken away: the database's own outage tells of it.
    usage = shutil.disk_usage(file.parent) if file and file.parent.is_dir() else None
    yield gauge(
        "tallystick_disk_free_bytes",
        "Free room on the disk of the SQLite file.",
        usage.free if usage else None,
    )
    yield gauge(
        "tallystick_disk_size_bytes",
        "Size of the disk of the SQLite file.",
        usage.total if usage else None,
    )
    yield gauge(
        "tallystick_last_backup_timestamp_seconds",
        "Time of the last `tallystick backup` of the SQLite file.",
        last_backup_s(file) if file else None,
    )
