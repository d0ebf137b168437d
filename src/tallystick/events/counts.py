"""Counts of events by one of their attributes, over a bounded number of the newest ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, Connection, func, select

from tallystick.events.digests import bounds_of, find_newest
from tallystick.events.selection import EventSelection, rules_of
from tallystick.events.spans import WITHIN_SPAN, Span
from tallystick.events.text_search import SEARCHED_AT_ONCE, SEARCHED_ROWS, TextSearch
from tallystick.store.partitions import NO_END
from tallystick.store.tables import events

COUNTED_ROWS = 30_000
"""The number of events to look at: in SQLite, they take 15 to 30 ms."""

VALUES = 1_000
"""The limit of different values."""


SEARCHED_BYTES = 8 * 1024 * 1024
"""The limit of data that a search by text looks at."""

Numbers: TypeAlias = list[tuple[Any, int]]
"""Each value with its number."""


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
    """Return the counts of selected events among the newest `COUNTED_ROWS` of their time.

    A search by text looks at the newest `SEARCHED_ROWS`, and at `SEARCHED_BYTES` of data.
    """
    if selection.text:
        numbers, is_whole = _count_found(connection, selection, TextSearch(selection.text), by)
    else:
        numbers, is_whole = _count_selected(connection, selection, by)
    counts = sorted(numbers, key=itemgetter(0 if by in _SPAN_MS else 1), reverse=True)
    return EventCounts(counts[:VALUES], is_whole and len(counts) <= VALUES)


def _count_selected(
    connection: Connection, selection: EventSelection, by: CountedBy
) -> tuple[Numbers, bool]:
    bounds = bounds_of(selection)
    further = find_newest(connection, COUNTED_ROWS + 1, bounds)
    if further is not None:
        # No id begins with another one, so that this bound leaves out that one alone.
        bounds = bounds.part_of(Span(f"{further}!", NO_END))
    rules = [*rules_of(selection.form), *WITHIN_SPAN]
    found = select(_value(by).label("value")).where(*rules).subquery()
    statement = select(found.c.value, func.count()).group_by(found.c.value)
    rows = connection.execute(statement, {**bounds.values(), **selection.values()})
    return [(value, number) for value, number in rows], further is None


def _count_found(
    connection: Connection, selection: EventSelection, search: TextSearch, by: CountedBy
) -> tuple[Numbers, bool]:
    c = events.c
    found = select(_value(by), c.subject, c.data).where(*selection.rules())
    newest = found.order_by(c.id.desc()).limit(SEARCHED_ROWS + 1)
    numbers: Counter[Any] = Counter()
    seen = size = 0
    options = {"yield_per": SEARCHED_AT_ONCE}
    with connection.execute(newest, selection.values(), execution_options=options) as rows:
        for value, subject, data in rows:
            seen, size = seen + 1, size + len(data)
            if seen > SEARCHED_ROWS or size > SEARCHED_BYTES:
                return _present(numbers), False
            numbers[value] += search.finds(subject, data)
    return _present(numbers), True


def _present(numbers: Counter[Any]) -> Numbers:
    return [(value, number) for value, number in numbers.items() if number]


def _value(by: CountedBy) -> ColumnElement[Any]:
    if by in _SPAN_MS:
        return events.c.time // _SPAN_MS[by] * _SPAN_MS[by]
    return events.c[by]
