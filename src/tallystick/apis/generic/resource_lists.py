"""Pages of a collection, read slice by slice where a query looks at its items."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from functools import partial

from tallystick.apis.generic import resource_store
from tallystick.apis.generic.list_filters import ListWords
from tallystick.apis.generic.list_order import Value
from tallystick.apis.generic.list_query import ListQuery
from tallystick.apis.generic.operations import ContractCall
from tallystick.apis.generic.paths import step_text
from tallystick.apis.generic.resource_store import (
    PAGE_BYTES,
    ItemFilter,
    ItemPage,
    PlacedItem,
    ResourceKey,
    is_full,
    page_of,
)
from tallystick.apis.generic.sorted_page import read_sorted
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.contract.query_string import split_fields
from tallystick.store import Database

_NO_ID = "0"
"""What many programs send before they know an id."""


class ResourceLists:
    """The lists of one contract's collections."""

    def __init__(self, api: str, database: Database) -> None:
        self._api = api
        self._database = database

    async def find_start(self, query: ListQuery, words: ListWords) -> ListQuery:
        """Return the query with the places of the items that it names by their ids, if it does.

        An item that was deleted has its place still. Raise `Invalid` for an id that never was, but
        for the contract's own example: it is as if it were left out.
        """
        if query.before_id and (query.after or query.after_id or query.offset):
            raise _not_here(query.before_id, "can't stand beside the place of another page")
        if query.after_id:
            after, values = await self._find(query, query.after_id, words)
            query = replace(query, after=after, after_values=values)
        if query.before_id:
            before, values = await self._find(query, query.before_id, words)
            query = replace(query, before=before, before_values=values)
        return query

    async def _find(
        self, query: ListQuery, named: tuple[str, str], words: ListWords
    ) -> tuple[str, Sequence[Value] | None]:
        """Return the position of an item that a parameter names, and its place in the order.

        It is an empty text for the example of an id.
        """
        key = ResourceKey(self._api, query.collection, step_text(named[1]))
        needs_item = query.order is not None and query.order.needs_item
        find = partial(resource_store.find_position, key=key, with_item=needs_item)
        found = await self._database.read(find)
        if found is None:
            if named[1] != _NO_ID and named not in words.examples:
                raise _not_here(named, "names no item of this list, and no page")
            return "", None
        position, item = found
        if needs_item and item is None:
            raise _not_here(named, "names a deleted item, so it has no place in this order")
        return position, query.order.values_of(item or {}, position) if query.order else None

    async def read_page(self, query: ListQuery, *, counts: bool) -> ItemPage:
        """Return the page that a query asks for; with `counts` also the number of all items."""
        if query.order:
            return await read_sorted(self._database, self._api, query, query.order)
        if query.before:
            return await self._read_before(query, counts)
        if query.filters:
            return await self._read_matching(query, counts)
        read = partial(
            resource_store.list_resources,
            api=self._api,
            collection=query.collection,
            after=query.after,
            offset=query.offset,
            limit=query.limit,
            counts=counts,
        )
        return await self._database.read(read)

    async def _read_matching(self, query: ListQuery, counts: bool) -> ItemPage:
        """Look at a collection slice by slice, and no further than the answer needs."""
        page: list[PlacedItem] = []
        before = seen = 0
        end = query.offset + query.limit + 1  # one more tells whether others follow
        async for found in self._slices(query, "" if counts else query.after):
            later = [each for each in found if each.position > query.after]
            if not is_full(page):
                page += later[max(query.offset - seen, 0) : max(end - seen, 0)]
            before += len(found) - len(later)
            seen += len(later)
            if not counts and (seen >= end or is_full(page)):
                break
        return page_of(page, query.limit, before + query.offset, before + seen)

    async def _read_before(self, query: ListQuery, counts: bool) -> ItemPage:
        """Look back from an item; the page is in the list's order, and tells of earlier ones."""
        found: list[PlacedItem] = []
        async for some in self._slices(query, query.before, backwards=True):
            found += some
            if len(found) > query.limit or is_full(found):
                break
        page = page_of(found, query.limit)
        number = len(page.items)
        page = page._replace(items=page.items[::-1], last=found[0].position if found else "")
        if not counts:
            return page
        start = found[number].position if page.has_more else ""
        forward = replace(query, before="", after=start, limit=number)
        known = await self._read_matching(forward, counts)
        return page._replace(before=known.before, total=known.total)

    async def _slices(
        self, query: ListQuery, start: str, *, backwards: bool = False
    ) -> AsyncIterator[list[PlacedItem]]:
        """Yield the matching items beyond a position, as many at once as one read finds."""
        wanted = ItemFilter(query.fragments, query.matches)
        place: str | None = start
        while place is not None:
            read = partial(
                resource_store.list_slice,
                api=self._api,
                collection=query.collection,
                wanted=wanted,
                start=place,
                backwards=backwards,
            )
            found = await self._database.read(read)
            yield found.items
            place = found.last


def _not_here(named: tuple[str, str], message: str) -> Invalid:
    return Invalid([Violation("query", named[0], "cursor", None, message)])


def refuse_numbered(call: ContractCall) -> None:
    """Raise `Invalid` for a page by its number that ended early: a cursor alone leads on.

    The page of the next number would begin behind items that this one left out.
    """
    operation = call.operation
    sent = dict(split_fields(call.request.query))  # one with a default is in each call's values
    numbers = [name for name in operation.page_numbers if name in sent or not operation.cursors]
    if not numbers:
        return
    name = [*operation.limits, *numbers][0]
    message = f"asks for over {PAGE_BYTES} bytes of items: "
    message += "ask for fewer" if operation.limits else "the contract has no parameter for fewer"
    raise Invalid([Violation("query", name, "maximum", None, message)])
