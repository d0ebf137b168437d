"""Reading back: events, entities, and the kinds of both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from tallystick.apis.keyastrom import (
    catalogue,
    entity_query,
    entity_types,
    event_query,
    selector,
)
from tallystick.apis.keyastrom.catalogue import EventPropertyQuery, EventTypeQuery
from tallystick.apis.keyastrom.credentials import API
from tallystick.apis.keyastrom.entity_query import ALL, EntityQuery, Fields
from tallystick.apis.keyastrom.entity_types import EntityTypeQuery
from tallystick.apis.keyastrom.event_query import EventQuery
from tallystick.apis.keyastrom.event_selector import parse_event_selector
from tallystick.apis.keyastrom.paged_lists import (
    PagedLists,
    check_entity_selector,
    check_selector,
    invalid,
    span,
)
from tallystick.apis.keyastrom.selector_parser import SelectorError
from tallystick.apis.service_context import ServiceContext
from tallystick.contract.document import read_api
from tallystick.contract.exceptions import Invalid, NotFound, Violation

Json = dict[str, Any]

EVENTS_SINCE = "now-2h"
ENTITIES_SINCE = "now-3d"
EVENTS_A_PAGE = 100
ENTITIES_A_PAGE = 50
MOST_ENTITIES_A_PAGE = 10_000
"""The vendor names no maximum; one page with all fields of so many has some megabytes."""
TYPES_A_PAGE = 100
ENTITY_TYPES_A_PAGE = 50
MOST_TRIED = read_api(API).schema("SelectedEntities")["properties"]["entities"]["maxItems"]
"""The entities that the try of a selector shows."""


class KeyastromQueries:
    """Lists events and entities, and finds one by its ID."""

    def __init__(self, context: ServiceContext, lists: PagedLists, active_for_ms: int) -> None:
        self._context = context
        self._active_for_ms = active_for_ms
        self._lists = lists

    async def list_events(
        self,
        from_: str | None,
        to: str | None,
        event_selector: str | None,
        entity_selector: str | None,
        page_size: int | None,
        next_page_key: str | None,
    ) -> Json:
        """Return a page of the events open in a time frame, the latest first; raise `Invalid`."""
        if next_page_key is not None:
            others = {
                "from": from_,
                "to": to,
                "eventSelector": event_selector,
                "entitySelector": entity_selector,
                "pageSize": page_size,
            }
            return await self._lists.next_page("events", EventQuery, next_page_key, others)
        check_selector("eventSelector", event_selector, parse_event_selector)
        check_entity_selector(entity_selector)
        start, end = span(from_, to, EVENTS_SINCE, self._context.clock.now_ms())
        size = page_size or EVENTS_A_PAGE
        query = EventQuery(start, end, event_selector, entity_selector, size, self._active_for_ms)
        return await self._lists.first_page("events", query)

    async def get_event(self, event_id: str) -> Json:
        """Return one event; raise `NotFound`."""
        return await self._found(
            lambda connection: event_query.get_event(
                connection, event_id, self._context.clock.now_ms()
            )
        )

    async def list_event_types(self, page_size: int | None, next_page_key: str | None) -> Json:
        """Return a page of the types of events."""
        size = page_size or TYPES_A_PAGE
        return await self._all("eventTypeInfos", EventTypeQuery, size, page_size, next_page_key)

    async def get_event_type(self, name: str) -> Json:
        """Return one of them; raise `NotFound`."""
        return await self._found(lambda _: catalogue.get_event_type(name))

    async def list_event_properties(self, page_size: int | None, next_page_key: str | None) -> Json:
        """Return a page of the reserved properties open to an ingest."""
        size = page_size or TYPES_A_PAGE
        kind = EventPropertyQuery
        return await self._all("eventProperties", kind, size, page_size, next_page_key)

    async def get_event_property(self, key: str) -> Json:
        """Return one of them; raise `NotFound`."""
        return await self._found(lambda _: catalogue.get_event_property(key))

    async def list_entities(
        self,
        entity_selector: str | None,
        from_: str | None,
        to: str | None,
        fields: str | None,
        sort: str | None,
        page_size: int | None,
        next_page_key: str | None,
    ) -> Json:
        """Return a page of selected entities, seen in a time frame; raise `Invalid`."""
        if next_page_key is not None:
            others = {
                "entitySelector": entity_selector,
                "from": from_,
                "to": to,
                "fields": fields,
                "sort": sort,
                "pageSize": page_size,
            }
            return await self._lists.next_page("entities", EntityQuery, next_page_key, others)
        if entity_selector is None:
            raise invalid("entitySelector", "must not be null", "required")
        check_entity_selector(entity_selector)
        start, end = span(from_, to, ENTITIES_SINCE, self._context.clock.now_ms())
        order = (sort or "").strip(" +")
        size = min(page_size or ENTITIES_A_PAGE, MOST_ENTITIES_A_PAGE)
        query = EntityQuery(entity_selector, start, end, fields, order, size)
        return await self._lists.first_page("entities", query)

    async def try_selector(self, text: str) -> Json:
        """Return the first entities of a selector, and their number; raise `Invalid`."""
        try:
            selector.parse_selector(text)
        except SelectorError as error:
            refused = Violation("body", "selector", "pattern", None, str(error), ("selector",))
            raise Invalid([refused]) from None
        start, end = span(None, None, ENTITIES_SINCE, self._context.clock.now_ms())
        query = EntityQuery(text, start, end, "+tags", "", MOST_TRIED)
        page = await self._lists.first_page("entities", query)
        return {"entities": page["entities"], "total": page["totalCount"]}

    async def get_entity(self, entity_id: str, fields: str | None) -> Json:
        """Return one entity, with all its fields or the given ones; raise `NotFound`."""
        shown = ALL if fields is None else Fields.parse(fields)
        return await self._found(
            lambda connection: entity_query.get_entity(
                connection, entity_id, shown, self._context.clock.now_ms()
            )
        )

    async def list_entity_types(self, page_size: int | None, next_page_key: str | None) -> Json:
        """Return a page of the types of existing entities."""
        size = page_size or ENTITY_TYPES_A_PAGE
        return await self._all("types", EntityTypeQuery, size, page_size, next_page_key)

    async def get_entity_type(self, name: str) -> Json:
        """Return one of them; raise `NotFound`."""
        return await self._found(lambda connection: entity_types.get_entity_type(connection, name))

    async def _all(
        self,
        name: str,
        kind: type[EventTypeQuery | EventPropertyQuery | EntityTypeQuery],
        size: int,
        page_size: int | None,
        next_page_key: str | None,
    ) -> Json:
        if next_page_key is None:
            return await self._lists.first_page(name, kind(size))
        return await self._lists.next_page(name, kind, next_page_key, {"pageSize": page_size})

    async def _found(self, find: Callable[[Connection], Json | None]) -> Json:
        found = await self._context.database.read(find)
        if found is None:
            raise NotFound
        return found
