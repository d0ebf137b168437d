"""Custom tags: added to selected entities, taken from them, and listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, func, select

from tallystick.apis.keyastrom import entities, selector, selector_sql
from tallystick.apis.keyastrom.entity_query import show_tag
from tallystick.apis.keyastrom.paged_lists import check_entity_selector, invalid, span
from tallystick.apis.keyastrom.selector import CONTEXTLESS, TagValue
from tallystick.apis.keyastrom.tables import entities as entity_table
from tallystick.apis.keyastrom.tables import tags
from tallystick.apis.keyastrom.topology import find_unstorable
from tallystick.apis.service_context import ServiceContext
from tallystick.contract.exceptions import Invalid
from tallystick.storable_text import is_storable
from tallystick.store.slices import SliceSize, write_timed
from tallystick.store.sql import insert_new

Json = dict[str, Any]

SEEN_SINCE = "now-24h"
MOST_TAGS = 10_000
"""The vendor's list has no pages; one answer shows this many."""


class KeyastromTags:
    """Changes and lists the tags that have no context: those that people give."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def list_tags(self, entity_selector: str, from_: str | None, to: str | None) -> Json:
        """Return the custom tags of the selected entities, each once; raise `Invalid`."""
        chosen, parameters = self._chosen(entity_selector, from_, to)
        pairs = select(tags.c.key, tags.c.value).distinct()
        pairs = pairs.where(tags.c.context == CONTEXTLESS, tags.c.entity_id.in_(chosen))
        first = pairs.order_by(tags.c.key, tags.c.value).limit(MOST_TAGS)
        counted = select(func.count()).select_from(pairs.subquery())

        def read(connection: Connection) -> Json:
            rows = connection.execute(first, parameters).all()
            total = len(rows)
            if total == MOST_TAGS:
                total = connection.execute(counted, parameters).scalar_one()
            return {"totalCount": total, "tags": [show_tag(CONTEXTLESS, *row) for row in rows]}

        return await self._context.database.read(read)

    async def add_tags(
        self, entity_selector: str, from_: str | None, to: str | None, body: Mapping[str, Any]
    ) -> Json:
        """Add tags to the selected entities; raise `Invalid`."""
        if violations := list(find_unstorable(body)):
            raise Invalid(violations)
        wanted = list(dict.fromkeys(map(_custom_tag, body["tags"])))
        ids = await self._ids(entity_selector, from_, to)
        await self._change_in_slices(ids, partial(_add, wanted))
        shown = [show_tag(*tag) for tag in wanted]
        return {"matchedEntitiesCount": len(ids), "appliedTags": shown}

    async def delete_tags(
        self,
        entity_selector: str,
        key: str,
        value: str | None,
        delete_all_with_key: bool,
        from_: str | None,
        to: str | None,
    ) -> Json:
        """Take a tag from the selected entities, or each of a key; raise `Invalid`."""
        for name, text in (("key", key), ("value", value or "")):
            if not is_storable(text):
                raise invalid(name, "has a character that can't be stored")
        doomed = [tags.c.context == CONTEXTLESS, tags.c.key == key]
        if not delete_all_with_key:
            doomed.append(tags.c.value == (value or ""))
        chosen, parameters = self._chosen(entity_selector, from_, to)
        with_tag = select(tags.c.entity_id).distinct().where(*doomed)
        with_tag = with_tag.where(tags.c.entity_id.in_(chosen))
        ids = await self._read_ids(with_tag, parameters)
        remove = delete(tags).where(*doomed)
        await self._change_in_slices(ids, partial(_delete, remove))
        return {"matchedEntitiesCount": len(ids)}

    async def _ids(self, entity_selector: str, from_: str | None, to: str | None) -> Sequence[str]:
        chosen, parameters = self._chosen(entity_selector, from_, to)
        return await self._read_ids(chosen, parameters)

    async def _read_ids(self, statement: Any, parameters: Mapping[str, int]) -> Sequence[str]:
        def read(connection: Connection) -> Sequence[str]:
            return connection.scalars(statement, parameters).all()

        return await self._context.database.read(read)

    def _chosen(
        self, entity_selector: str, from_: str | None, to: str | None
    ) -> tuple[Any, dict[str, int]]:
        check_entity_selector(entity_selector)
        now_ms = self._context.clock.now_ms()
        start_ms, end_ms = span(from_, to, SEEN_SINCE, now_ms)
        selected = selector_sql.matching(selector.parse_selector(entity_selector))
        chosen = selected.ids.where(entity_table.c.first_seen <= end_ms)
        return chosen, selected.parameters(now_ms, start_ms)

    async def _change_in_slices(self, ids: Sequence[str], change: Any) -> None:
        """Let others write between: a selector may match every entity."""
        size, done = SliceSize(), 0
        while done < len(ids):
            part = ids[done : done + size.rows]
            # Once begun, it is not sent away because others wait.
            write = self._context.database.write if done else self._context.log.write
            _, took_ms = await write_timed(write, self._context.clock, partial(change, part))
            size.adapt(took_ms)
            done += len(part)


def _custom_tag(tag: Mapping[str, Any]) -> TagValue:
    return TagValue(CONTEXTLESS, tag["key"], tag.get("value") or "")


def _add(wanted: Sequence[TagValue], ids: Sequence[str], connection: Connection) -> None:
    # An entity that went meanwhile gets none.
    present = entities.find_present(connection, ids)
    for rows in _rows(wanted, present):
        connection.execute(insert_new(connection, tags), rows)


def _rows(wanted: Sequence[TagValue], ids: Sequence[str]) -> Iterator[list[dict[str, str]]]:
    for tag in wanted:
        rows = [{**tag._asdict(), "entity_id": id_} for id_ in ids]
        if rows:
            yield rows


def _delete(remove: Any, ids: Sequence[str], connection: Connection) -> None:
    for batch in entities.batches(ids):
        connection.execute(remove.where(tags.c.entity_id.in_(batch)))
