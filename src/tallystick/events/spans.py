"""Spans of the log's ids, and the statements that read the events within them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, islice, repeat
from json import dumps
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import ARRAY, ColumnElement, Connection, Select, Text, bindparam, func, select, true

from tallystick.store.partitions import NO_END
from tallystick.store.sql import CrossJoin
from tallystick.store.tables import events


class Span(NamedTuple):
    """The ids from the first one on, up to an end that is left out."""

    first: str
    end: str

    def values(self) -> dict[str, str]:
        """Return the values of `WITHIN_SPAN`."""
        return {"first_id": self.first, "end_id": self.end}

    def part_of(self, other: Span) -> Span:
        """Return what both have."""
        return Span(max(self.first, other.first), min(self.end, other.end))

    def joined(self, other: Span) -> Span:
        """Return what both have, with all between them."""
        return Span(min(self.first, other.first), max(self.end, other.end))


ALL = Span("", NO_END)

# Leave out all other conditions on the id: SQLite looks up by one lower and one upper bound, and
# may choose the wider ones. A statement with these two is compiled once for all spans.
WITHIN_SPAN = (events.c.id >= bindparam("first_id"), events.c.id < bindparam("end_id"))
"""The conditions for a WHERE clause whose statement is executed with a span's values."""

GROUPED = (1, 4, 16)
"""The numbers of spans in the first groups; the last one is that of all further ones.

Most pages end in the first span, and a rare value is in one event of a span. A statement of its own
for each span would cost more than to read the span.
"""

Execution: TypeAlias = tuple[Select[Any], Mapping[str, Any]]
"""A statement, and the values to execute it with."""

_ARRAYS = (
    func.unnest(bindparam("firsts", type_=ARRAY(Text)), bindparam("ends", type_=ARRAY(Text)))
    .table_valued("first", "end", name="given")
    .render_derived()
)
_PAIRS = func.json_each(bindparam("spans", type_=Text)).table_valued("value", name="given")
_WITHIN_PAIR = (
    events.c.id >= func.json_extract(_PAIRS.c.value, "$[0]"),
    events.c.id < func.json_extract(_PAIRS.c.value, "$[1]"),
)


def group_spans(spans: Iterator[Span]) -> Iterator[Sequence[Span]]:
    """Yield spans in groups, each for one statement."""
    for size in chain(GROUPED, repeat(GROUPED[-1])):
        group = list(islice(spans, size))
        if not group:
            return
        yield group


class SpanStatement:
    """A statement of events that is executed for one group of spans after the other."""

    def __init__(
        self,
        connection: Connection,
        statement: Select[Any],
        *,
        oldest_first: bool,
        limit: int | None = None,
    ) -> None:
        """Take a statement without an order; `limit` is that of each group."""
        self._is_sqlite = connection.dialect.name == "sqlite"
        self._oldest_first = oldest_first
        self._limit = limit
        self._ordered = statement.order_by(self._order(events.c.id)).limit(limit)

    def of(self, group: Sequence[Span]) -> Execution:
        """Return the statement for the events of a group alone, in the order of their ids."""
        if len(group) == 1:
            return self._of_one, group[0].values()
        if self._is_sqlite:
            return self._of_pairs, {"spans": dumps(group)}
        firsts, ends = zip(*group, strict=True)
        # The bounds of all tell PostgreSQL which partitions it may leave out.
        bounds = Span(min(firsts), max(ends)).values()
        return self._of_arrays, {**bounds, "firsts": list(firsts), "ends": list(ends)}

    @cached_property
    def _of_one(self) -> Select[Any]:
        return self._ordered.where(*WITHIN_SPAN)

    @cached_property
    def _of_pairs(self) -> Select[Any]:
        # In another order SQLite may look at each event of an API, by an index that eventhos has.
        return self._ordered.select_from(CrossJoin(_PAIRS, events)).where(*_WITHIN_PAIR)

    @cached_property
    def _of_arrays(self) -> Select[Any]:
        given, id_ = _ARRAYS.c, events.c.id
        # Its order keeps this a subquery: PostgreSQL looks up the events of one span after the
        # other.
        own = self._of_one.where(id_ >= given.first, id_ < given.end).lateral()
        chosen = select(own).select_from(_ARRAYS.join(own, true()))
        return chosen.order_by(self._order(own.c.id)).limit(self._limit)

    def _order(self, id_: ColumnElement[str]) -> ColumnElement[str]:
        return id_.asc() if self._oldest_first else id_.desc()
