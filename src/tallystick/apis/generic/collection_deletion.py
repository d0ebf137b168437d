"""Deletes the items of a collection, all of them or those that a query asks for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection

from tallystick.apis.generic import resource_store
from tallystick.apis.generic.answers import DeclaredAnswers
from tallystick.apis.generic.called_item import type_of
from tallystick.apis.generic.list_query import ListQuery, is_read, read_query
from tallystick.apis.generic.operations import ContractCall
from tallystick.apis.generic.repeats import Outcome, Repeats
from tallystick.apis.generic.resource_store import ItemFilter
from tallystick.apis.generic.resource_type import ResourceType
from tallystick.apis.generic.to_event import to_event
from tallystick.apis.service_context import ServiceContext
from tallystick.contract.answer import Answer
from tallystick.contract.query_string import split_fields
from tallystick.contract.schema_shape import SchemaShape


class CollectionDeletion(NamedTuple):
    """Answers the calls that delete items of a collection."""

    api: str
    context: ServiceContext
    content: Mapping[str, Any]
    answers: DeclaredAnswers
    repeats: Repeats

    async def answer(self, call: ContractCall) -> Answer:
        """Delete what a call asks for, slice by slice, and record the call with the first one.

        A call with a body or a parameter of unknown meaning deletes nothing: it is recorded alone.
        """
        query = self._query(call)
        place: str | None = None

        def begin(connection: Connection) -> Outcome:
            nonlocal place
            event = to_event(self.api, call, "", self.context.clock.now_ms())
            self.context.log.append_within(connection, event)
            if query is not None:
                place = self._delete_slice(connection, type_of(call), query, "")
            return Outcome({})

        await self.context.log.write(self.repeats.once(call, begin))
        while query is not None and place is not None:
            delete = partial(self._delete_slice, kind=type_of(call), query=query, start=place)
            place = await self.context.database.write(delete)
        return self.answers.made(call.operation, str(dict(call.path_values)), call.accept)

    def _query(self, call: ContractCall) -> ListQuery | None:
        """Return the query of a call; None where a part of it, or its body, says something else."""
        assert call.operation.resource
        kind, words = type_of(call), call.operation.resource.list_words
        shape = SchemaShape(kind.item_schema, self.content)
        sent = {name for name, text in split_fields(call.request.query) if text}
        asked = {name: value for name, value in call.query.items() if name in sent}
        is_whole = len(asked) == len(sent) and is_read(asked, shape)
        if not is_whole or call.request.body:
            return None
        return read_query(call.query, shape, kind.collection_path(call.path_values), words=words)

    def _delete_slice(
        self, connection: Connection, kind: ResourceType, query: ListQuery, start: str
    ) -> str | None:
        """Delete those of the next items that match; return where to go on."""
        collection, wanted = query.collection, ItemFilter(query.fragments, query.matches)
        found = resource_store.list_slice(connection, self.api, collection, wanted, start)
        positions = [each.position for each in found.items]
        resource_store.delete_at(connection, self.api, collection, positions, kind.path)
        return found.last
