"""Pages of a collection, read slice by slice where a query looks at its items."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

from tallystick.apis.generic import resource_store
from tallystick.apis.generic.list_filters import ListWords
from tallystick.apis.generic.listing import ListQuery
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
        """Return the query from behind the item on that its cursor names by its id, if it does.

        An item that was deleted has its place still. Raise `Invalid` for an id that never was, but
        for the contract's own example: it begins at the first item.
        """
        if query.after_id is None:
            return query
        name, id_ = query.after_id
        key = ResourceKey(self._api, query.collection, step_text(id_))
        after = await self._database.read(partial(resource_store.find_position, key=key))
        if after is None and id_ != _NO_ID and query.after_id not in words.examples:
            message = "names no item of this list, and no page"
            raise Invalid([Violation("query", name, "cursor", None, message)])
        return replace(query, after=after or "")

    async def read_page(self, query: ListQuery, *, counts: bool) -> ItemPage:
        """Return the page that a query asks for; with `counts` also the number of all items."""
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

    async def _slices(self, query: ListQuery, start: str) -> AsyncIterator[list[PlacedItem]]:
        """Yield the matching items after a position, as many at once as one read finds."""
        wanted = ItemFilter(query.fragments, query.matches)
        after: str | None = start
        while after is not None:
            read = partial(
                resource_store.list_slice,
                api=self._api,
                collection=query.collection,
                wanted=wanted,
                after=after,
            )
            found = await self._database.read(read)
            yield found.items
            after = found.last


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
