"""The places where a schema holds other schemas, and the way from a reference to its schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from tallystick.contract.json_pointer import read_step

SINGLE = frozenset(
    "items additionalProperties not if then else contains propertyNames unevaluatedItems "
    "unevaluatedProperties contentSchema".split()
)
"""Keywords that hold one schema."""

LISTS = frozenset("allOf anyOf oneOf prefixItems".split())
"""Keywords that hold a list of schemas."""

MAPS = frozenset("properties patternProperties dependentSchemas $defs".split())
"""Keywords that hold schemas by name."""

Definitions = Mapping[str, Any]
"""Name → schema of the components, as `to_json_schema` gives them."""


def map_subschemas(schema: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """Return the schema with each schema within it changed."""
    result = dict(schema)
    for key in schema.keys() & SINGLE:
        result[key] = change(schema[key])
    for key in schema.keys() & LISTS:
        result[key] = [change(part) for part in schema[key]]
    for key in schema.keys() & MAPS:
        result[key] = {name: change(part) for name, part in schema[key].items()}
    return result


def definition_name(reference: str) -> str:
    """Return the name at the end of a reference such as ``#/$defs/crm.Customer``."""
    return read_step(unquote(reference.rpartition("/")[2]))


def resolve(schema: Any, definitions: Definitions) -> dict[str, Any]:
    """Return the schema that a reference leads to, with what stands beside the reference.

    A boolean schema is one without keywords here.
    """
    beside: dict[str, Any] = {}
    seen = set()
    while isinstance(schema, Mapping) and "$ref" in schema and schema["$ref"] not in seen:
        seen.add(schema["$ref"])
        beside = {key: value for key, value in schema.items() if key != "$ref"} | beside
        schema = definitions.get(definition_name(schema["$ref"]), {})
    return {**schema, **beside} if isinstance(schema, Mapping) else beside


def judging_together(schema: Any, definitions: Definitions) -> Iterator[Mapping[str, Any]]:
    """Yield the schema, and all that judge the same value: by ``$ref``, ``allOf``, ``anyOf`` ….

    Each comes once, however they refer to each other.
    """
    pending, seen = [schema], set()
    while pending:
        part = pending.pop()
        if not isinstance(part, Mapping) or id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        pending += reversed([*schemas_beside(part, definitions)])


def schemas_beside(part: Mapping[str, Any], definitions: Definitions) -> Iterator[Any]:
    """Yield the schemas that a schema names for its own value, as they stand in it."""
    if "$ref" in part:
        yield definitions.get(definition_name(part["$ref"]))
    for key in ("allOf", "anyOf", "oneOf"):
        yield from part.get(key, ())
    yield from (part[key] for key in ("if", "then", "else") if key in part)
    yield from part.get("dependentSchemas", {}).values()


def member_schemas(schema: Any, name: str, definitions: Definitions) -> list[Any]:
    """Return all schemas for the member of this name of an object."""
    parts = [*judging_together(schema, definitions)]
    declared = [part["properties"][name] for part in parts if name in part.get("properties", {})]
    return declared or [part[key] for part in parts for key in _FURTHER if key in part]


_FURTHER = ("additionalProperties", "unevaluatedProperties")


def item_schemas(schema: Any, index: int, definitions: Definitions) -> list[Any]:
    """Return all schemas for the item at this place of an array."""
    found = []
    for part in judging_together(schema, definitions):
        first = part.get("prefixItems", ())
        if index < len(first):
            found.append(first[index])
        elif "items" in part:
            found.append(part["items"])
    return found
