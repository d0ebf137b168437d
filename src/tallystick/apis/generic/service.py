"""The service of a contract without Python: resources, examples, and an event of each change."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from tallystick.apis.generic.answers import DeclaredAnswers
from tallystick.apis.generic.credentials import ContractCredentials
from tallystick.apis.generic.declared_members import declared_members
from tallystick.apis.generic.error_format import ErrorFormat
from tallystick.apis.generic.item_place import WHOLE, ItemClues, clues_of
from tallystick.apis.generic.item_versions import ItemVersions
from tallystick.apis.generic.new_item import NewItems
from tallystick.apis.generic.operations import (
    ContractCall,
    ContractOperation,
    list_operations,
)
from tallystick.apis.generic.repeats import Outcome, Repeats
from tallystick.apis.generic.resource_calls import ContractParts, ResourceCalls
from tallystick.apis.generic.resource_type import ResourceType
from tallystick.apis.generic.to_event import to_event
from tallystick.apis.service_context import CredentialFunction, Sample, ServiceContext
from tallystick.contract.answer import Answer, ErrorRenderer
from tallystick.contract.declared_responses import DeclaredResponses
from tallystick.contract.document import Document
from tallystick.contract.json_text import write_json
from tallystick.contract.request import Request
from tallystick.contract.schema_shape import SchemaShape
from tallystick.encryption import SETTING
from tallystick.shared_warnings import COMMON

_UNKEYED = (
    "calls with a key of their own, such as Idempotency-Key, are kept by digests without a secret: "
    f"weak secrets of callers can be guessed from a copy of the database, so set {SETTING}"
)

_log = logging.getLogger(__name__)

Handler = Callable[..., Awaitable[Answer]]


class GenericService:
    """Answers for one contract."""

    def __init__(self, context: ServiceContext, document: Document) -> None:
        self._api = document.api
        self._context = context
        self._operations = {each.id: each for each in list_operations(document)}
        codes = {document.api: document.content.get("x-codes", {})}
        declared = DeclaredResponses({**document.content, "x-codes": codes})
        values = declared.values
        clues = _clues(self._operations.values(), document.content)
        self._answers = DeclaredAnswers(declared, values, document.content, clues)
        self._errors = ErrorFormat(declared, values, document.content)
        new_items = NewItems(values, document.content)
        found = (each.resource for each in self._operations.values() if each.resource)
        types = {each.type.collection: each.type for each in found}
        self._repeats = Repeats(self._api, context.clock, context.encryptor, self._answers)
        versions = ItemVersions(self._answers, self._operations.values())
        parts = ContractParts(
            document.content, values, self._answers, new_items, types, self._repeats, versions
        )
        self._resource_calls = ResourceCalls(self._api, context, parts)
        self._credentials = ContractCredentials(context, document)
        self.credentials: Mapping[str, CredentialFunction] = self._credentials.functions

    async def open(self) -> None:
        """Warn if a copy of the database would tell the weak secrets of callers."""
        has_keyed_calls = any(each.key_header for each in self._operations.values())
        if has_keyed_calls and not self._context.encryptor.has_key:
            _log.warning("%s", _UNKEYED, extra=COMMON)

    async def close(self) -> None:
        """Have nothing to give back."""

    def samples(self, base_url: str) -> list[Sample]:
        """Return lines to paste into a shell."""
        return self._credentials.samples(base_url)

    def handler(self, operation_id: str) -> Handler:
        """Return the handler of one operation."""
        operation = self._operations[operation_id]
        answer = self._resource_calls.answer if operation.resource else self._answer_by_example

        async def handle(values: Mapping[str, Any], request: Request) -> Answer:
            return _written(await answer(ContractCall(operation, values, request)))

        async def handle_once(
            values: Mapping[str, Any], request: Request, token_info: Any
        ) -> Answer:
            return _written(await answer(ContractCall(operation, values, request, token_info)))

        # What is open to all has no caller, and a handler that names one can't be called.
        return handle_once if operation.key_header and operation.has_caller else handle

    def render_errors(self, operation_id: str | None) -> ErrorRenderer:
        """Return the renderer of an operation's problems; None stands for none of them."""
        return self._errors.renderer(self._operations.get(operation_id or ""))

    async def _answer_by_example(self, call: ContractCall) -> Answer:
        if call.operation.has_effect:
            await self._record(call)
        return self._answers.made(call.operation, str(dict(call.path_values)), call.accept)

    async def _record(self, call: ContractCall) -> None:
        event = to_event(self._api, call, "", self._context.clock.now_ms())
        if not call.key:
            await self._context.log.append(event)
            return

        def append(connection: Connection) -> Outcome:
            self._context.log.append_within(connection, event)
            return Outcome({})

        await self._context.log.write(self._repeats.once(call, append))


def _clues(
    operations: Iterable[ContractOperation], content: Mapping[str, Any]
) -> dict[str, ItemClues]:
    """Return how the resource of each operation is known in an answer, by operationId."""
    found = {each.id: each.resource.type for each in operations if each.resource}
    by_type = {
        path: _clues_of_type(kind, content)
        for path, kind in {kind.collection: kind for kind in found.values()}.items()
    }
    return {id_: by_type[kind.collection] for id_, kind in found.items()}


def _clues_of_type(kind: ResourceType, content: Mapping[str, Any]) -> ItemClues:
    clues = clues_of(SchemaShape(kind.item_schema, content), kind.ids)
    shown = declared_members(kind.item_schema, WHOLE, content).names
    return clues._replace(declared=shown | kind.sent)


def _written(answer: Answer) -> Answer:
    """Return an answer with its body in bytes: what callers sent may be any JSON."""
    body = answer.body
    return answer if isinstance(body, bytes) else answer._replace(body=write_json(body))
