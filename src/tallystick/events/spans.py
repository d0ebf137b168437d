"""Spans of the log's ids, and the statements that read the events within them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice, repeat
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import ARRAY, Connection, Select, Text, bindparam, func, select, true

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


# Leave out all other conditions on the id: SQLite looks up by one lower and one upper bound, and
# may choose the wider ones. A statement with these two is compiled once for all spans.
WITHIN_SPAN = (events.c.id >= bindparam("first_id"), events.c.id < bindparam("end_id"))
"""The conditions for a WHERE clause whose statement is executed with a span's values."""

GROUPED = (1, 4, 16)
"""The numbers of spans in the first groups on PostgreSQL; the last one is that of all further ones.

Most pages end in the first span, and a rare value is in one event of a span.
"""

Execution: TypeAlias = tuple[Select[Any], Mapping[str, Any]]
"""A statement, and the values to execute it with."""

_GIVEN = (
    func.unnest(bindparam("firsts", type_=ARRAY(Text)), bindparam("ends", type_=ARRAY(Text)))
    .table_valued("first", "end", name="given")
    .render_derived()
)


def group_spans(connection: Connection, spans: Iterator[Span]) -> Iterator[Sequence[Span]]:
    """Yield spans in groups, each for one statement.

    PostgreSQL has more to do for a statement than for a span. SQLite has not, and gets them singly.
    """
    is_shared = connection.dialect.name == "postgresql"
    for size in chain(GROUPED, repeat(GROUPED[-1])) if is_shared else repeat(1):
        group = list(islice(spans, size))
        if not group:
            return
        yield group


def within(
    statement: Select[Any],
    group: Sequence[Span],
    *,
    oldest_first: bool,
    limit: int | None = None,
) -> Execution:
    """Return a statement of events for a group of spans alone, in the order of their ids."""
    order = events.c.id.asc() if oldest_first else events.c.id.desc()
    chosen = statement.where(*WITHIN_SPAN).order_by(order).limit(limit)
    if len(group) == 1:
        return chosen, group[0].values()
    # Its order keeps this a subquery: PostgreSQL looks up the events of one span after the other.
    own = chosen.where(events.c.id >= _GIVEN.c.first, events.c.id < _GIVEN.c.end).lateral()
    all_ = select(own).select_from(_GIVEN.join(own, true())).limit(limit)
    order = own.c.id.asc() if oldest_first else own.c.id.desc()
    firsts, ends = zip(*group, strict=True)
    # The bounds of all tell PostgreSQL which partitions it may leave out.
    bounds = Span(min(firsts), max(ends)).values()
    return all_.order_by(order), {**bounds, "firsts": list(firsts), "ends": list(ends)}
