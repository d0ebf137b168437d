"""Calls on resources: each one reads or changes what is kept, and is answered with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection

from tallystick.apis.generic import resource_store
from tallystick.apis.generic.answers import DeclaredAnswers
from tallystick.apis.generic.called_item import as_sent, bad_id, id_of, sent_id, type_of
from tallystick.apis.generic.changes import apply_patch
from tallystick.apis.generic.collection_deletion import CollectionDeletion
from tallystick.apis.generic.item_address import base_url, item_location, with_address
from tallystick.apis.generic.item_id import id_at, with_id_at
from tallystick.apis.generic.item_versions import ItemVersions
from tallystick.apis.generic.list_query import read_query
from tallystick.apis.generic.new_item import NewItems
from tallystick.apis.generic.operations import ContractCall
from tallystick.apis.generic.page_address import PageAddress
from tallystick.apis.generic.paths import path_text, step_text
from tallystick.apis.generic.repeats import Change, Outcome, Repeats
from tallystick.apis.generic.resource_lists import ResourceLists, refuse_numbered
from tallystick.apis.generic.resource_store import Item, KeptResource, ResourceKey
from tallystick.apis.generic.resource_type import ResourceType, ResourceVerb, is_id
from tallystick.apis.generic.tables import resources
from tallystick.apis.generic.to_event import as_json, to_event
from tallystick.apis.generic.update_mask import masked
from tallystick.apis.service_context import ServiceContext
from tallystick.contract.answer import Answer
from tallystick.contract.exceptions import NotFound, Problem
from tallystick.contract.query_string import split_fields
from tallystick.contract.schema_shape import SchemaShape
from tallystick.contract.schema_values import SchemaValues
from tallystick.store import lock_name

CREATED = 201

_DRAWS = 20
"""Ids that are drawn for one item: a contract may allow a few alone."""

_NO_ID = (None, "")
"""What a new item has in the place of an id that its server is to make."""

_LONG = 500
"""Characters of a path up to which it has at most `LONGEST_KEY` bytes."""

LONGEST_KEY = 2_000
"""Bytes of a collection's path and an id: an index of PostgreSQL takes rows of 2,700 bytes."""


class AlreadyThere(Problem):
    """A resource with this id exists already."""

    status = 409


class ContractParts(NamedTuple):
    """What answers the calls of one contract."""

    content: Mapping[str, Any]
    values: SchemaValues
    answers: DeclaredAnswers
    new_items: NewItems
    types: Mapping[str, ResourceType]
    """The types of resources, by the path of their collection."""
    repeats: Repeats
    versions: ItemVersions


class ResourceCalls:
    """Answers calls on the resources of one contract."""

    def __init__(self, api: str, context: ServiceContext, parts: ContractParts) -> None:
        self._api = api
        self._context = context
        self._content = parts.content
        self._values = parts.values
        self._answers = parts.answers
        self._new_items = parts.new_items
        self._types = parts.types
        self._repeats = parts.repeats
        self._versions = parts.versions
        self._lists = ResourceLists(api, context.database)
        clearing = CollectionDeletion(api, context, parts.content, parts.answers, parts.repeats)
        self._verbs: Mapping[ResourceVerb, Callable[[ContractCall], Awaitable[Answer]]] = {
            ResourceVerb.LIST: self._list_items,
            ResourceVerb.CREATE: self._create_item,
            ResourceVerb.READ: self._read_item,
            ResourceVerb.REPLACE: self._replace_item,
            ResourceVerb.UPDATE: self._update_item,
            ResourceVerb.DELETE: self._delete_item,
            ResourceVerb.ACT: self._act_on_item,
            ResourceVerb.CLEAR: clearing.answer,
        }

    async def answer(self, call: ContractCall) -> Answer:
        """Do what a call asks for, and return its answer; raise a `Problem`."""
        assert call.operation.resource
        if not all(is_id(str(value)) for value in call.path_values.values()):
            raise NotFound
        await self._require_parent(call)
        return await self._verbs[call.operation.resource.verb](call)

    async def _list_items(self, call: ContractCall) -> Answer:
        assert call.operation.resource
        kind, words = type_of(call), call.operation.resource.list_words
        shape = SchemaShape(kind.item_schema, self._content)
        collection = kind.collection_path(call.path_values)
        ways = call.operation.cursors, call.operation.backward
        asked = read_query(call.query, shape, collection, *ways, words=words)
        asked = replace(asked, address=self._address(call), id_place=kind.id_place)
        query = await self._lists.find_start(asked, words)
        counts = self._answers.needs_count(call.operation, query)
        page = await self._lists.read_page(query, counts=counts)
        if page.has_more and len(page.items) < query.limit:
            refuse_numbered(call)
        return self._answers.with_items(call.operation, page, query)

    def _address(self, call: ContractCall) -> PageAddress:
        request, operation = call.request, call.operation
        url = base_url(self._context.settings, call) + path_text(request.path)
        ways = operation.cursors, operation.page_numbers, operation.backward
        return PageAddress(url, split_fields(request.query), *ways)

    async def _read_item(self, call: ContractCall) -> Answer:
        kept = await self._get(self._key(call))
        if kept is None or kept.item is None:
            return self._answer_unknown(call, was_there=kept is not None)
        return self._answer_made(call, Outcome(kept.item))

    async def _create_item(self, call: ContractCall) -> Answer:
        kind, path_values = type_of(call), call.path_values
        collection = kind.collection_path(path_values)
        if len(collection) > _LONG and not _fits(self._key_at(collection, "")):
            raise NotFound
        now_ms = self._context.clock.now_ms()
        item: Item = self._new_items.complete(kind, call.sent_whole, now_ms, None, path_values)
        if kind.id_name and kind.id_name in call.query and not self._new_items.counts(kind):
            item = with_id_at(item, kind.id_place, call.query[kind.id_name])
        if id_at(item, kind.id_place) not in _NO_ID:
            create = self._create_named
        elif self._new_items.makes_uuids(kind):
            if not call.key:
                made = await self._append_with_new_id(call, collection, item)
                return self._answer_made(call, made)
            create = self._create_with_new_id
        elif self._new_items.counts(kind):
            create = self._create_counted
        else:
            create = self._create_drawn
        outcome = await self._write_once(call, create(call, collection, item))
        return self._answer_made(call, outcome)

    async def _append_with_new_id(self, call: ContractCall, collection: str, item: Item) -> Outcome:
        # An id made here is new, so the row needs no look at the others: it joins the group commit.
        kind = type_of(call)
        made, id_ = self._new_items.with_new_id(kind, item)
        key = self._key_at(collection, id_)
        event = self._event(call, key.id)
        if kind.addresses:
            made = self._addressed(call, key, made)
        row = resource_store.row_of(key, event.id, made)
        await self._context.log.append(event, (resources, row))
        return _made(call, made, key)

    def _create_with_new_id(self, call: ContractCall, collection: str, item: Item) -> Change:
        made, id_ = self._new_items.with_new_id(type_of(call), item)
        key = self._key_at(collection, id_)
        return lambda connection: _made(call, self._put(connection, key, call, made), key)

    def _create_named(self, call: ContractCall, collection: str, item: Item) -> Change:
        id_ = sent_id(call, item)
        key = self._key_at(collection, id_)
        if not _fits(key):
            raise bad_id(call, id_, "maxLength", "is too long for an id")

        def create(connection: Connection) -> Outcome:
            lock_name(connection, "/".join(key))
            self._refuse_taken(connection, key, call)
            return _made(call, self._put(connection, key, call, item), key)

        return create

    def _create_counted(self, call: ContractCall, collection: str, item: Item) -> Change:
        def create(connection: Connection) -> Outcome:
            lock_name(connection, f"{self._api}{collection}")
            number = resource_store.next_number(connection, self._api, collection)
            made, id_ = self._new_items.with_id(type_of(call), item, number)
            key = self._key_at(collection, id_)
            return _made(call, self._put(connection, key, call, made), key)

        return create

    def _create_drawn(self, call: ContractCall, collection: str, item: Item) -> Change:
        """Draw ids by the contract's rules until one is free; the last may be a taken one."""

        def create(connection: Connection) -> Outcome:
            lock_name(connection, f"{self._api}{collection}")
            for _ in range(_DRAWS):
                made, id_ = self._new_items.with_id(type_of(call), item, None)
                key = self._key_at(collection, id_)
                if resource_store.get_resource(connection, key) is None:
                    break
            else:
                self._refuse_taken(connection, key, call)
            return _made(call, self._put(connection, key, call, made), key)

        return create

    def _refuse_taken(self, connection: Connection, key: ResourceKey, call: ContractCall) -> None:
        """Raise `AlreadyThere` for the id of an item, where the contract has an answer for that."""
        can_refuse = self._answers.has_status(call.operation, AlreadyThere.status)
        kept = resource_store.get_resource(connection, key) if can_refuse else None
        if kept is not None and kept.item is not None:
            raise AlreadyThere

    async def _replace_item(self, call: ContractCall) -> Answer:
        kind = type_of(call)
        now_ms = self._context.clock.now_ms()

        def replaced(old: Item | None) -> Item:
            item = self._new_items.complete(kind, call.sent_whole, now_ms, old, call.path_values)
            return self._new_items.with_id(kind, item, id_of(call))[0]

        return await self._change(call, replaced, can_create=self._can_create(call))

    async def _update_item(self, call: ContractCall) -> Answer:
        kind = type_of(call)
        shape = SchemaShape(kind.item_schema, self._content)
        now_ms = self._context.clock.now_ms()

        def updated(old: Item | None) -> Item:
            patch = masked(as_json(call.sent), old or {}, call.mask)
            changed = as_json(apply_patch(old or {}, patch, shape))
            kept = self._new_items.keep_own(kind, changed, old or {}, now_ms)
            self._refuse_broken(call, kept, old or {})
            return self._new_items.drop_unkept(kind, kept)

        return await self._change(call, updated, can_create=False)

    def _refuse_broken(self, call: ContractCall, changed: Item, old: Item) -> None:
        """Raise `Invalid` where a patch breaks a rule of the item that was kept before."""
        judge = self._values.validator(type_of(call).item_schema)
        if not judge.is_valid(changed) and judge.is_valid(old):
            raise as_sent(call, judge.violations(changed))

    async def _change(
        self, call: ContractCall, change: Callable[[Item | None], Item], can_create: bool
    ) -> Answer:
        key = self._key(call)

        def write(connection: Connection) -> Outcome:
            old, was_there = self._get_locked(connection, key, call, can_create=can_create)
            if old is None and not can_create:
                return Outcome(None, was_there=was_there)
            item = self._put(connection, key, call, change(old))
            if old is not None:
                return Outcome(item)
            return _made(call, item, key)

        return self._answer_changed(call, await self._write_once(call, write))

    async def _delete_item(self, call: ContractCall) -> Answer:
        path = type_of(call).path

        def delete(connection: Connection, key: ResourceKey) -> None:
            within = path.within(key.collection, key.id)
            resource_store.delete_resource(connection, key, within)

        return self._answer_changed(call, await self._touch(call, delete))

    async def _act_on_item(self, call: ContractCall) -> Answer:
        """Record the action; an example alone tells what it does to the item."""
        outcome = await self._touch(call)
        if outcome.item is not None and self._answers.has_example(call.operation):
            return self._answers.made(call.operation, str(dict(call.path_values)), call.accept)
        return self._answer_changed(call, outcome)

    async def _touch(
        self,
        call: ContractCall,
        change: Callable[[Connection, ResourceKey], None] = lambda _connection, _key: None,
    ) -> Outcome:
        """Do something to an item, if it is there, and append the event of it."""
        key = self._key(call)

        def write(connection: Connection) -> Outcome:
            old, was_there = self._get_locked(connection, key, call, can_create=False)
            if old is not None:
                change(connection, key)
                self._context.log.append_within(connection, self._event(call, key.id))
            return Outcome(old, was_there=was_there)

        return await self._write_once(call, write)

    def _get_locked(
        self, connection: Connection, key: ResourceKey, call: ContractCall, *, can_create: bool
    ) -> tuple[Item | None, bool]:
        """Return the item that a call changes, and whether there was one, deleted or not.

        Raise a `Problem` for a call about another version of it.
        """
        # Two callers that change one resource do so one after the other.
        lock_name(connection, "/".join(key))
        kept = resource_store.get_resource(connection, key)
        old = kept.item if kept else None
        if old is not None or can_create:
            self._versions.refuse_other(call, old)
        return old, kept is not None

    async def _write_once(self, call: ContractCall, change: Change) -> Outcome:
        return await self._context.log.write(self._repeats.once(call, change))

    def _answer_changed(self, call: ContractCall, outcome: Outcome) -> Answer:
        if outcome.item is None:
            return self._answer_unknown(call, was_there=outcome.was_there)
        return self._answer_made(call, outcome)

    def _answer_made(self, call: ContractCall, outcome: Outcome) -> Answer:
        assert outcome.item is not None
        location = outcome.location
        if location and call.operation.has_full_location:
            location = base_url(self._context.settings, call) + location
        answer = self._answers.with_item(call.operation, outcome.item, outcome.status, location)
        return self._versions.tell(call, answer, outcome.item)

    def _put(
        self, connection: Connection, key: ResourceKey, call: ContractCall, item: Item
    ) -> Item:
        event = self._event(call, key.id)
        item = self._addressed(call, key, item)
        resource_store.put_resource(connection, key, event.id, item)
        self._context.log.append_within(connection, event)
        return item

    def _addressed(self, call: ContractCall, key: ResourceKey, item: Item) -> Item:
        """Return an item with its own address, where it tells it and the caller has a host."""
        base = base_url(self._context.settings, call)
        places = type_of(call).addresses if base else ()
        return with_address(item, places, base + item_location(call, key)) if places else item

    def _event(self, call: ContractCall, subject: str) -> Any:
        return to_event(self._api, call, subject, self._context.clock.now_ms())

    def _can_create(self, call: ContractCall) -> bool:
        """A PUT creates a resource where the contract declares a 201, or no 404."""
        declares = partial(self._answers.declares, call.operation)
        return declares(CREATED) or not self._answers.has_status(call.operation, NotFound.status)

    def _answer_unknown(self, call: ContractCall, *, was_there: bool) -> Answer:
        """Raise `NotFound`, or answer by an example.

        A mock does that for an id that never existed, if the contract declares no 404.
        """
        is_declared = self._answers.has_status(call.operation, NotFound.status)
        if not was_there and self._context.settings.dev and not is_declared:
            return self._answers.made(call.operation, str(dict(call.path_values)), call.accept)
        raise NotFound

    async def _require_parent(self, call: ContractCall) -> None:
        """Raise `NotFound` where the resource that a collection belongs to is unknown."""
        parent = self._types.get(type_of(call).parent or "")
        if parent is None or not self._answers.has_status(call.operation, NotFound.status):
            return
        kept = await self._get(self._key_of(parent, call.path_values))
        if kept is None or kept.item is None:
            raise NotFound

    async def _get(self, key: ResourceKey) -> KeptResource | None:
        return await self._context.database.read(partial(resource_store.get_resource, key=key))

    def _key(self, call: ContractCall) -> ResourceKey:
        kind = type_of(call)
        return self._key_of(kind, {**call.path_values, kind.parameter: id_of(call)})

    def _key_of(self, kind: ResourceType, path_values: Mapping[str, Any]) -> ResourceKey:
        key = self._key_at(kind.collection_path(path_values), path_values.get(kind.parameter))
        is_number = key.id.isdecimal() or not self._new_items.counts(kind)
        if not is_number or not _fits(key):
            raise NotFound
        return key

    def _key_at(self, collection: str, id_: Any) -> ResourceKey:
        return ResourceKey(self._api, collection, step_text(id_))


def _made(call: ContractCall, item: Item, key: ResourceKey) -> Outcome:
    """What became of a call that made an item."""
    return Outcome(item, CREATED, item_location(call, key))


def _fits(key: ResourceKey) -> bool:
    return sum(len(each.encode(errors="surrogatepass")) for each in key) <= LONGEST_KEY
