"""A page of a list in an order of the caller's: all items are looked at, and few are held."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection

from tallystick.apis.generic import resource_store
from tallystick.apis.generic.list_order import Key, ListOrder, Value
from tallystick.apis.generic.list_query import ListQuery
from tallystick.apis.generic.resource_store import ItemFilter, ItemPage, count_fitting
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
    is_back = bool(query.before)
    bound = _bound(query, order)
    end = query.offset + query.limit + 1  # one more tells whether others follow
    kept: list[_Ordered] = []
    passed = seen = 0
    async for found in _slices(database, api, query, order):
        beyond = [each for each in found if _is_beyond(each.key, bound, is_back=is_back)]
        passed += len(found) - len(beyond)
        seen += len(beyond)
        kept = sorted([*kept, *beyond], key=lambda each: each.key, reverse=is_back)
        del kept[min(end, MOST_SORTED) :]
    if end > MOST_SORTED < seen:
        raise _too_far(query)
    some = kept[query.offset :]
    page = some[: count_fitting([each.size for each in some], query.limit)]
    before = seen - len(page) if is_back else passed + query.offset
    has_more = len(some) > len(page)
    if is_back:
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
        passed + seen,
        last.values if last else None,
    )


def _is_beyond(key: Key, bound: Key | None, *, is_back: bool) -> bool:
    return bound is None or (key < bound if is_back else bound < key)


def _bound(query: ListQuery, order: ListOrder) -> Key | None:
    """Return the key of the item beyond which the page is."""
    position = query.before or query.after
    values = query.before_values if query.before else query.after_values
    return order.key(values, position) if position and values is not None else None


async def _slices(
    database: Database, api: str, query: ListQuery, order: ListOrder
) -> AsyncIterator[list[_Ordered]]:
    """Yield what is to be held of the matching items, as many at once as one read finds."""
    place: str | None = ""
    while place is not None:
        read = partial(_read_slice, api=api, query=query, order=order, start=place)
        found, place = await database.read(read)
        yield found


def _read_slice(
    connection: Connection, api: str, query: ListQuery, order: ListOrder, start: str
) -> tuple[list[_Ordered], str | None]:
    wanted = ItemFilter(query.fragments, query.matches)
    found = resource_store.list_slice(connection, api, query.collection, wanted, start)
    ordered = []
    for position, item, size in found.items:
        values = order.values_of(item, position)
        ordered.append(_Ordered(order.key(values, position), position, values, size))
    return ordered, found.last


def _too_far(query: ListQuery) -> Invalid:
    number = query.address.number if query.address else None
    message = f"asks for a page behind the first {MOST_SORTED} items of a list in an order"
    return Invalid([Violation("query", number or "offset", "maximum", None, message)])
