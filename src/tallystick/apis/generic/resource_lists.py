"""Pages of a collection, read slice by slice where a query looks at its items."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

from tallystick.apis.generic import resource_store
from tallystick.apis.generic.listing import ListQuery
from tallystick.apis.generic.paths import step_text
from tallystick.apis.generic.resource_store import Item, ItemFilter, ItemPage, ResourceKey
from tallystick.store import Database

_BEFORE_ALL: str | None = ""
"""A position before that of each item."""


class ResourceLists:
    """The lists of one contract's collections."""

    def __init__(self, api: str, database: Database) -> None:
        self._api = api
        self._database = database

    async def find_offset(self, collection: str, query: ListQuery) -> ListQuery:
        """Return the query from behind an item on, if its cursor is the id of one."""
        if not query.after_id:
            return query
        key = ResourceKey(self._api, collection, step_text(query.after_id))
        until = await self._database.read(partial(resource_store.find_position, key=key))
        if until is None:
            return query
        return replace(query, offset=await self._count_until(collection, query, until))

    async def _count_until(self, collection: str, query: ListQuery, until: str) -> int:
        """Return the number of matching items up to a position."""
        if query.filters:
            slices = self._slices(collection, query, until)
            return sum([len(found) async for found in slices])
        count = partial(
            resource_store.count_until, api=self._api, collection=collection, until=until
        )
        return await self._database.read(count)

    async def read_page(self, collection: str, query: ListQuery, *, counts: bool) -> ItemPage:
        """Return the page that a query asks for; with `counts` also the number of all items."""
        if query.filters:
            return await self._read_matching(collection, query, counts)
        read = partial(
            resource_store.list_resources,
            api=self._api,
            collection=collection,
            offset=query.offset,
            limit=query.limit,
            counts=counts,
        )
        return await self._database.read(read)

    async def _read_matching(self, collection: str, query: ListQuery, counts: bool) -> ItemPage:
        """Look at a collection slice by slice, and no further than the answer needs."""
        page: list[Item] = []
        total, end = 0, query.offset + query.limit
        async for found in self._slices(collection, query):
            page += found[max(query.offset - total, 0) : max(end - total, 0)]
            total += len(found)
            if not counts and total >= end:
                break
        return ItemPage(page, total)

    async def _slices(
        self, collection: str, query: ListQuery, until: str | None = None
    ) -> AsyncIterator[list[Item]]:
        """Yield the matching items, as many at once as one read finds."""
        wanted = ItemFilter(query.fragments, query.matches)
        after = _BEFORE_ALL
        while after is not None:
            read = partial(
                resource_store.list_slice,
                api=self._api,
                collection=collection,
                wanted=wanted,
                after=after,
                until=until,
            )
            found = await self._database.read(read)
            yield found.items
            after = found.last
