"""A page of a list in an order of the caller's: all items are looked at, and few are held."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection

from tallystick.apis.generic import resource_store
from tallystick.apis.generic.list_order import Key, ListOrder, Value
from tallystick.apis.generic.list_query import ListQuery
from tallystick.apis.generic.resource_store import ItemFilter, ItemPage, PlacedItem, count_fitting
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.store import Database

MOST_SORTED = 20_000
"""Items from the start of a sorted list that pages by a number reach."""


class _Ordered(NamedTuple):
    """What is held of an item while others are looked at."""

    key: Key
    position: str
    values: list[Value]
    size: int


async def read_sorted(database: Database, api: str, query: ListQuery, order: ListOrder) -> ItemPage:
    """Return the page that a query asks for in an order, with the number of all items.

    Raise `Invalid` for a page that is too far behind the start of a long list.
    """
    look = _Look(api, query, order)
    place: str | None = ""
    while place is not None:
        place = await database.read(partial(look.read_slice, start=place))
    if look.end > MOST_SORTED < look.seen:
        raise _too_far(query)
    some = look.kept[query.offset :]
    page = some[: count_fitting([each.size for each in some], query.limit)]
    before = look.seen - len(page) if look.is_back else look.passed + query.offset
    has_more = len(some) > len(page)
    if look.is_back:
        page.reverse()
    positions = [each.position for each in page]
    read = partial(
        resource_store.items_at, api=api, collection=query.collection, positions=positions
    )
    items = await database.read(read)
    last = page[-1] if page else None
    return ItemPage(
        items,
        has_more,
        last.position if last else "",
        before,
        look.passed + look.seen,
        last.values if last else None,
    )


class _Look:
    """A look at all items of a list, slice by slice; it keeps what may be on the page."""

    def __init__(self, api: str, query: ListQuery, order: ListOrder) -> None:
        self._api, self._query, self._order = api, query, order
        self._bound = _bound(query, order)
        self.is_back = bool(query.before)
        self.end = query.offset + query.limit + 1  # one more tells whether others follow
        self.kept: list[_Ordered] = []
        self.passed = 0
        """Matching items up to the one that the page follows."""
        self.seen = 0
        """Matching items beyond that one."""

    def read_slice(self, connection: Connection, start: str) -> str | None:
        """Look at the next items, as many as one read finds; return where to go on."""
        wanted = ItemFilter(self._query.fragments, self._query.matches)
        found = resource_store.list_slice(
            connection, self._api, self._query.collection, wanted, start
        )
        beyond = [each for each in map(self._order_item, found.items) if self._is_beyond(each)]
        self.passed += len(found.items) - len(beyond)
        self.seen += len(beyond)
        # Here, in the thread of the read: 20,000 of them take it 30 ms.
        self.kept = sorted([*self.kept, *beyond], key=lambda each: each.key, reverse=self.is_back)
        del self.kept[min(self.end, MOST_SORTED) :]
        return found.last

    def _order_item(self, found: PlacedItem) -> _Ordered:
        values = self._order.values_of(found.item, found.position)
        return _Ordered(self._order.key(values, found.position), found.position, values, found.size)

    def _is_beyond(self, each: _Ordered) -> bool:
        if self._bound is None:
            return True
        return each.key < self._bound if self.is_back else self._bound < each.key


def _bound(query: ListQuery, order: ListOrder) -> Key | None:
    """Return the key of the item beyond which the page is."""
    position = query.before or query.after
    values = query.before_values if query.before else query.after_values
    return order.key(values, position) if position and values is not None else None


def _too_far(query: ListQuery) -> Invalid:
    number = query.address.number if query.address else None
    message = f"asks for a page behind the first {MOST_SORTED} items of a list in an order"
    return Invalid([Violation("query", number or "offset", "maximum", None, message)])
