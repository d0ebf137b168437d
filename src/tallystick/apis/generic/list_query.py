"""What a call wants to see of a collection, by the names of its query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tallystick.apis.generic.filter_expression import ExpressionFilter, read_expression
from tallystick.apis.generic.free_text import read_search
from tallystick.apis.generic.item_place import WHOLE, Place
from tallystick.apis.generic.list_filters import (
    NO_WORDS,
    ListWords,
    MemberFilter,
    find_member,
    flat_query,
    is_filter,
    read_filters,
)
from tallystick.apis.generic.list_order import ListOrder, Value, read_order, read_place
from tallystick.apis.generic.page_address import PageAddress
from tallystick.apis.generic.page_cursor import read_cursor
from tallystick.apis.generic.resource_store import MAX_LISTED, Item
from tallystick.contract.page_names import LIMITS, OFFSETS, PAGES, plain_name
from tallystick.contract.schema_shape import SchemaShape

_MOST_DIGITS = 15
_MOST = 10**_MOST_DIGITS
"""A greater count is no count: it would end no list, and a database has no number for it."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a call wants to see of a collection."""

    filters: Sequence[MemberFilter | ExpressionFilter]
    limit: int
    offset: int
    collection: str = ""
    """The path of the collection."""
    takes_cursor: bool = False
    """Whether an answer may tell a cursor, as a query can have one."""
    after: str = ""
    """The position of the item before the page."""
    after_id: tuple[str, str] | None = None
    """A parameter, and the id in it of the item before the page, in the place of a cursor."""
    after_values: Sequence[Value] | None = None
    """The values by which that item has its place in the order."""
    before: str = ""
    """The position of the item behind the page."""
    before_id: tuple[str, str] | None = None
    """A parameter, and the id in it of the item behind the page."""
    before_values: Sequence[Value] | None = None
    order: ListOrder | None = None
    """The order that the call wants; None for that in which the items were made."""
    first_page: int = 1
    first_offset: int = 0
    """The offset of the first item: in some APIs it is 1."""
    address: PageAddress | None = None
    id_place: Place = WHOLE
    """The place of an item's id in it."""

    @property
    def fragments(self) -> list[bytes]:
        """Return bytes in the JSON of each item of the filter."""
        return [found for each in self.filters if (found := each.fragment)]

    def matches(self, item: Item) -> bool:
        """Return whether an item has all the values that the filters name."""
        return all(each.takes(item) for each in self.filters)


def counts_from_zero(name: str, keywords: Mapping[str, Any]) -> bool:
    """Return whether a parameter is the number of a page, and 0 that of the first one."""
    return plain_name(name) in PAGES and _least(keywords) == 0


def counts_from_one(name: str, keywords: Mapping[str, Any]) -> bool:
    """Return whether a parameter is an offset, and 1 that of the first item."""
    return plain_name(name) in OFFSETS and _least(keywords) == 1


def _least(keywords: Mapping[str, Any]) -> Any:
    return keywords.get("default", keywords.get("minimum"))


def is_page_number(parameter: str) -> bool:
    """Return whether a parameter names a page by its number, or by the items before it."""
    return plain_name(parameter) in OFFSETS | PAGES


def is_limit(parameter: str) -> bool:
    """Return whether a parameter counts the items of a page."""
    return plain_name(parameter) in LIMITS


def read_query(
    query: Mapping[str, Any],
    shape: SchemaShape,
    collection: str = "",
    cursors: frozenset[str] = frozenset(),
    backward: frozenset[str] = frozenset(),
    *,
    words: ListWords = NO_WORDS,
) -> ListQuery:
    """Read a query: a name that is a member of the items filters, and one that counts limits."""
    flat = flat_query(query, shape)
    query = {name: value for name, value in flat.items() if find_member(name, shape) is None}
    expressions = (
        read_expression(name, value, shape) or read_search(name, value, shape)
        for name, value in query.items()
    )
    filters: list[MemberFilter | ExpressionFilter] = [*read_filters(flat, shape, words)]
    filters += filter(None, expressions)
    counts = {plain_name(n): v for n, v in query.items() if _is_count(v)}
    told = [(n, str(v)) for n, v in query.items() if v not in ("", words.defaults.get(n))]
    sent = next((each for each in told if each[0] in cursors), None)
    cursor = read_cursor(collection, sent[1]) if sent else None
    placed = read_place(cursor.place, shape) if cursor and cursor.place else None
    cursor = None if cursor and cursor.place and placed is None else cursor
    # A cursor goes on in its own order, also where it stands alone.
    order, values = placed or (None if cursor else read_order(query, shape), None)
    limit = min(_first(counts, LIMITS, cursor.limit if cursor else MAX_LISTED), MAX_LISTED)
    page = max(_first(counts, PAGES, words.first_page) - words.first_page, 0)
    before = page * limit + words.first_offset
    return ListQuery(
        filters,
        limit,
        offset=max(_first(counts, OFFSETS, before) - words.first_offset, 0),
        first_page=words.first_page,
        first_offset=words.first_offset,
        collection=collection,
        takes_cursor=bool(cursors),
        after=cursor.after if cursor else "",
        after_values=values,
        order=order,
        after_id=None if cursor else sent,
        before_id=next((each for each in told if each[0] in backward), None),
    )


def is_read(query: Mapping[str, Any], shape: SchemaShape) -> bool:
    """Return whether each part of a query says which items are wanted, and is understood."""
    return all(
        is_filter(name, value, shape)
        or read_expression(name, value, shape) is not None
        or read_search(name, value, shape) is not None
        for name, value in flat_query(query, shape).items()
    )


def _first(counts: Mapping[str, Any], names: frozenset[str], default: int) -> int:
    return next((int(value) for name, value in counts.items() if name in names), default)


def _is_count(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _MOST_DIGITS and value.isdecimal()
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST
