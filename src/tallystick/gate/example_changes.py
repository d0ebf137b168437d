"""Finds examples refused by a changed contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tallystick.contract.reader.references import Node
from tallystick.gate.diff.difference import Difference, Side
from tallystick.gate.diff.messages import MessageDifferences
from tallystick.gate.diff.operations import OperationPair
from tallystick.gate.diff.schema_bundle import find_objection
from tallystick.gate.openapi_document import ComparedOperation, OpenApiDocument


class ShownExample(NamedTuple):
    """An example and its schema."""

    where: str
    node: Node
    schema: Node
    side: Side


class ExampleDifferences:
    """Compares the examples of two documents."""

    def __init__(
        self, old: OpenApiDocument, new: OpenApiDocument, messages: MessageDifferences
    ) -> None:
        self._old, self._new = old, new
        self._messages = messages

    def find(self, pair: OperationPair) -> Iterator[Difference]:
        """Yield examples refused by the new document, and examples against their own schema.

        An example with an unchanged schema fits as it did. Raises `NotUnderstood`.
        """
        before = {shown.where: shown for shown in list_examples(self._old, pair[0])}
        for shown in list_examples(self._new, pair[1]):
            old = before.get(shown.where)
            if old is None:
                yield from self._find_invalid(shown)
            elif old.node.value != shown.node.value or self._is_changed(old, shown):
                yield from self._find_changed(old, shown)

    def _is_changed(self, old: ShownExample, new: ShownExample) -> bool:
        schemas = self._messages.schemas[Side.REQUEST]
        return bool(schemas.find("", (old.schema,), (new.schema,)))

    def _find_changed(self, old: ShownExample, new: ShownExample) -> Iterator[Difference]:
        is_known = find_objection(self._old, old.schema, old.node.value) is not None
        if is_known:
            return
        objection = find_objection(self._new, new.schema, old.node.value)
        if objection and old.side is Side.REQUEST:
            says = f"the old example is refused now: {objection}"
            yield Difference("example-refused", old.where, says, old.node, new.node)
        yield from self._find_invalid(new)

    def _find_invalid(self, shown: ShownExample) -> Iterator[Difference]:
        if objection := find_objection(self._new, shown.schema, shown.node.value):
            says = f"the example contradicts its schema: {objection}"
            yield Difference("example-invalid", shown.where, says, None, shown.node)


def list_examples(
    document: OpenApiDocument, operation: ComparedOperation
) -> Iterator[ShownExample]:
    """Yield the examples of an operation's parameters, body and answers."""
    name = operation.name
    for parameter in document.read_parameters(operation).values():
        where = f"{name} {parameter.value['in']} {parameter.value['name']}"
        yield from _list_of(document, where, parameter, Side.REQUEST)
    if operation.node.value.get("requestBody") is not None:
        body = document.follow(operation.node.child("requestBody"))
        for media, content in document.read_mapping(body, "content").items():
            yield from _list_of(document, f"{name} body {media}", content, Side.REQUEST)
    for status, listed in document.read_responses(operation).items():
        response = document.follow(listed)
        for media, content in document.read_mapping(response, "content").items():
            yield from _list_of(document, f"{name} {status} {media}", content, Side.ANSWER)


def _list_of(
    document: OpenApiDocument, where: str, holder: Node, side: Side
) -> Iterator[ShownExample]:
    item = document.follow(holder)
    if not isinstance(item.value, dict) or "schema" not in item.value:
        return
    schema = item.child("schema")
    if "example" in item.value:
        yield ShownExample(where, item.child("example"), schema, side)
    for name, listed in document.read_mapping(item, "examples").items():
        shown = document.follow(listed)
        if isinstance(shown.value, dict) and "value" in shown.value:
            yield ShownExample(f"{where} {name}", shown.child("value"), schema, side)
