"""Spans of the log's ids, and the statements that read the events within them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    FromClause,
    Integer,
    Select,
    Subquery,
    bindparam,
    func,
    literal,
    select,
)

from tallystick.store.partitions import NO_END
from tallystick.store.sql import join_spans
from tallystick.store.tables import events

STATEMENTS = 128
"""The statements of each kind that are kept: one for what is read, its blocks and its order."""


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


ALL = Span("", NO_END)

# Leave out all other conditions on the id: SQLite looks up by one lower and one upper bound, and
# may choose the wider ones. A statement with these two is compiled once for all spans.
WITHIN_SPAN = (events.c.id >= bindparam("first_id"), events.c.id < bindparam("end_id"))
"""The conditions for a WHERE clause whose statement is executed with a span's values."""


# The last page that can be asked for is beyond the integers of PostgreSQL.
_LIMIT = bindparam("limit", type_=BigInteger)
_BLOCKS = bindparam("blocks", type_=Integer)


class Blocks(NamedTuple):
    """The blocks of a part, each with its `group`, `first`, `begin` and `end`.

    They are in the order of a page. A block's ids to read are those from its `begin` to its `end`.
    """

    chosen: Select[Any]
    """The statement, whose values are those of the part."""
    all: Subquery
    some: CTE
    """The first of them, as many as the value `blocks`."""

    @classmethod
    def of(cls, chosen: Select[Any]) -> Blocks:
        """Return what a statement chooses."""
        return cls(chosen, chosen.subquery(), chosen.limit(_BLOCKS).cte())


class Part(NamedTuple):
    """A part of the log to read: a span, or some blocks of it."""

    span: Span
    blocks: Blocks | None = None
    keys: Mapping[str, bytes] = {}
    """The values of the blocks' statements beside those of the span."""

    def values(self) -> dict[str, Any]:
        """Return the values of the part's statements."""
        return {**self.span.values(), **self.keys}

    def after(self, id_: str, *, oldest_first: bool) -> Part:
        """Return what follows an event in the order of a page."""
        # No id begins with another one, so that this bound leaves out that one alone.
        following = Span(f"{id_}!", NO_END) if oldest_first else Span("", id_)
        return self._replace(span=self.span.part_of(following))


class PartStatement:
    """A statement of events that is executed for one part of the log after the other."""

    def __init__(
        self, dialect: str, statement: Select[Any], values: Mapping[str, Any], *, oldest_first: bool
    ) -> None:
        """Take a statement without an order, the same one each time, and its values.

        What is built of the statement is kept for the next one who comes with it.
        """
        self._dialect = dialect
        self._statement = statement
        self._values = values
        self._oldest_first = oldest_first

    def of(self, part: Part, limit: int) -> tuple[Select[Any], Mapping[str, Any]]:
        """Return the statement for the first events of a part, in the order of a page.

        The second value is what to execute it with.
        """
        blocks = part.blocks and part.blocks.all
        found = _read_part(self._dialect, self._statement, blocks, oldest_first=self._oldest_first)
        return found, {**part.values(), **self._values, "limit": limit}

    def count_of(
        self, part: Part, *, blocks: int, limit: int
    ) -> tuple[Select[int, int], Mapping[str, Any]]:
        """Return the statement for the numbers of a part's blocks and events, up to both bounds.

        The second value is what to execute it with.
        """
        some = part.blocks and part.blocks.some
        counted = _count_part(self._dialect, self._statement, some, oldest_first=self._oldest_first)
        return counted, {**part.values(), **self._values, "blocks": blocks, "limit": limit}


# To build a statement of blocks takes as long as the database needs for it.
@lru_cache(STATEMENTS)
def _read_part(
    dialect: str, statement: Select[Any], blocks: FromClause | None, *, oldest_first: bool
) -> Select[Any]:
    return _build(dialect, statement, blocks, oldest_first=oldest_first)


@lru_cache(STATEMENTS)
def _count_part(
    dialect: str, statement: Select[Any], blocks: FromClause | None, *, oldest_first: bool
) -> Select[int, int]:
    found = _build(dialect, statement, blocks, oldest_first=oldest_first)
    if blocks is None:
        return select(literal(1), func.count()).select_from(found.subquery())
    number = select(func.count()).select_from(blocks).scalar_subquery()
    return select(number, func.count()).select_from(found.order_by(None).subquery())


def _build(
    dialect: str, statement: Select[Any], blocks: FromClause | None, *, oldest_first: bool
) -> Select[Any]:
    """Return the statement for the events of a span, or of some blocks of it."""
    if blocks is None:
        order = events.c.id.asc() if oldest_first else events.c.id.desc()
        return statement.where(*WITHIN_SPAN).order_by(order).limit(_LIMIT)
    # The bounds of all tell PostgreSQL which partitions it may leave out.
    return join_spans(
        dialect,
        blocks,
        statement if dialect == "sqlite" else statement.where(*WITHIN_SPAN),
        events.c.id,
        by=["group", "first"],
        descending=not oldest_first,
        limit=_LIMIT,
    )
