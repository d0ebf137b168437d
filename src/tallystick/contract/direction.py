"""Relaxes schemas in one direction: requests need no read-only members, answers no write-only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from tallystick.contract.made_at_use import MadeAtUse
from tallystick.contract.schema import to_json_schema
from tallystick.contract.subschemas import (
    Definitions,
    judging_together,
    map_subschemas,
    resolve,
)

READ_ONLY = "readOnly"
"""On a member of which a request need not have a value; one that it has is judged."""

WRITE_ONLY = "writeOnly"
"""On a member of which an answer need not have a value."""

_SAME_VALUE = frozenset({"allOf", "anyOf", "oneOf", "then", "else", "dependentSchemas"})
_UNTOUCHED = frozenset({"if", "not"})
"""A condition asks what is there, whoever wrote it."""


def one_way_definitions(schemas: Mapping[str, Any], keyword: str) -> Definitions:
    """Return OpenAPI schemas as JSON Schema, without the requirement of members with that keyword.

    `keyword` is `READ_ONLY` for requests and `WRITE_ONLY` for answers. Each is made at its first
    use.
    """
    written = MadeAtUse(schemas, to_json_schema)
    if not _mentions(schemas, keyword):
        return written
    return MadeAtUse(written, partial(one_way_schema, definitions=written, keyword=keyword))


def one_way_schema(schema: Any, definitions: Definitions, keyword: str) -> Any:
    """Return a schema that requires no member whose own schema has that keyword."""
    return _relaxed(schema, definitions, keyword, frozenset())


def _mentions(node: Any, keyword: str) -> bool:
    """Return whether there is such a keyword at all; most documents do without."""
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):  # as documents are read; others are mappings too, and slower
            if keyword in part:
                return True
            pending += part.values()
        elif isinstance(part, list):
            pending += part
    return False


def _relaxed(schema: Any, definitions: Definitions, keyword: str, inherited: frozenset[str]) -> Any:
    if not isinstance(schema, Mapping):
        return schema
    hidden = inherited.union(_hidden(schema, definitions, keyword))
    fresh = partial(_relaxed, definitions=definitions, keyword=keyword, inherited=frozenset())
    same = partial(_relaxed, definitions=definitions, keyword=keyword, inherited=hidden)
    apart = {key: schema[key] for key in schema.keys() - _SAME_VALUE - _UNTOUCHED}
    together = {key: schema[key] for key in schema.keys() & _SAME_VALUE}
    changed = map_subschemas(apart, fresh) | map_subschemas(together, same)
    result = {key: changed.get(key, schema[key]) for key in schema}
    return _without(result, hidden) if hidden else result


def _hidden(schema: Mapping[str, Any], definitions: Definitions, keyword: str) -> Iterator[str]:
    for part in judging_together(schema, definitions):
        for name, member in part.get("properties", {}).items():
            if resolve(member, definitions).get(keyword) is True:
                yield name


def _without(schema: dict[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    if "required" in schema:
        schema["required"] = [name for name in schema["required"] if name not in hidden]
    if "dependentRequired" in schema:
        schema["dependentRequired"] = {
            name: [each for each in needed if each not in hidden]
            for name, needed in schema["dependentRequired"].items()
        }
    return schema
