"""Makes one JSON Schema of a schema and all its references."""

from __future__ import annotations

from collections import deque
from typing import Any

import jsonschema_rs

from tallystick.contract.reader.references import Node
from tallystick.contract.schema import to_json_schema
from tallystick.contract.schema_2020 import DIALECT
from tallystick.gate.openapi_document import OpenApiDocument

_VALUES = frozenset("enum const default example examples".split())
"""Keywords with values of the schema's user, in which a ``$ref`` is none."""


class _Bundle:
    """Gathers the schemas reached from one schema."""

    def __init__(self, document: OpenApiDocument) -> None:
        self._document = document
        self._names: dict[tuple[object, ...], str] = {}
        self._waiting: deque[tuple[str, Node]] = deque()

    def gather(self, node: Node) -> dict[str, Any]:
        whole = self._convert(self._copy(node))
        definitions = {}
        while self._waiting:
            name, schema = self._waiting.popleft()
            definitions[name] = self._convert(self._copy(schema))
        return {**whole, "$defs": definitions}

    def _convert(self, schema: Any) -> Any:
        if not isinstance(schema, dict):
            return schema
        if not self._document.is_3_0:
            schema = {DIALECT: "https://json-schema.org/draft/2020-12/schema", **schema}
        return to_json_schema(schema)

    def _copy(self, node: Node) -> Any:
        if isinstance(node.value, list):
            return [self._copy(item) for item in node.items()]
        if not isinstance(node.value, dict):
            return node.value
        copied = {
            name: child.value if name in _VALUES else self._copy(child)
            for name, child in node.members()
            if name not in {"$id", "$schema"}
        }
        if node.reference is not None:
            copied["$ref"] = self._name(self._document.find(node, node.reference))
        return copied

    def _name(self, node: Node) -> str:
        if node.key not in self._names:
            self._names[node.key] = str(len(self._names))
            self._waiting.append((self._names[node.key], node))
        return f"#/components/schemas/{self._names[node.key]}"


def find_objection(document: OpenApiDocument, schema: Node, example: Any) -> str | None:
    """Return the reason an example does not fit its schema; None if it fits.

    A schema without a possible validator objects to nothing: the comparison of schemas tells.
    """
    whole = _Bundle(document).gather(schema)
    try:
        error = next(iter(jsonschema_rs.validator_for(whole).iter_errors(example)), None)
    except ValueError:
        return None
    return error.message if error else None
