"""The parts of the log that a list without a filter reads one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from tallystick.events.ids import lowest_id, time_of
from tallystick.events.spans import Span
from tallystick.store.partitions import NO_END

WINDOW_MS = 86_400_000
"""The time of the newest part, in milliseconds."""


def newest_first(connection: Connection, bounds: Span, now_ms: int) -> Iterator[Span]:
    """Yield the newest day within bounds, and then the rest.

    PostgreSQL prepares to read each partition within a span: most pages end in the first one.
    SQLite has no partitions, and gets the bounds as they are.
    """
    end_ms = now_ms if bounds.end == NO_END else min(time_of(bounds.end), now_ms)
    middle = lowest_id(end_ms - WINDOW_MS)
    if connection.dialect.name == "sqlite" or not bounds.first < middle < bounds.end:
        yield bounds
        return
    yield Span(middle, bounds.end)
    yield Span(bounds.first, middle)
