"""Counts of events by one of their attributes, over a bounded number of the newest ones."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from tallystick.events.selection import EventSelection
from tallystick.store.bounds import first_within
from tallystick.store.tables import events

COUNTED_ROWS = 100_000
"""The number of events to look at: in SQLite, they take about a tenth of a second."""

VALUES = 1_000
"""The limit of different values."""


class CountedBy(StrEnum):
    """The attribute, or the span of time, by which events are counted."""

    API = "api"
    TYPE = "type"
    SOURCE = "source"
    MINUTE = "minute"
    HOUR = "hour"


_SPAN_MS: Mapping[CountedBy, int] = {CountedBy.MINUTE: 60_000, CountedBy.HOUR: 3_600_000}


class EventCounts(NamedTuple):
    """The number of events of each value, the greatest first; of spans of time, the newest first.

    A span's value is its beginning, in ms since the epoch.
    """

    counts: list[tuple[Any, int]]
    is_complete: bool


def read_counts(connection: Connection, selection: EventSelection, by: CountedBy) -> EventCounts:
    """Return the counts of selected events among the newest `COUNTED_ROWS` of their time."""
    first = first_within(connection, events.c.id, selection.span(), COUNTED_ROWS)
    rules = [*selection.rules(), *([events.c.id >= first] if first else [])]
    found = select(_value(by).label("value")).where(*rules).subquery()
    number = func.count().label("number")
    order = found.c.value if by in _SPAN_MS else number
    statement = select(found.c.value, number).group_by(found.c.value)
    rows = connection.execute(statement.order_by(order.desc()).limit(VALUES + 1)).all()
    counts = [(value, number) for value, number in rows[:VALUES]]
    return EventCounts(counts, is_complete=first is None and len(rows) <= VALUES)


def _value(by: CountedBy) -> ColumnElement[Any]:
    if by in _SPAN_MS:
        return events.c.time // _SPAN_MS[by] * _SPAN_MS[by]
    return events.c[by]
