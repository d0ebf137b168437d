"""Tells whether the errors of a value can be told at a bounded cost.

jsonschema-rs judges a value quickly, and lists its errors slowly: those of each form of an `anyOf`,
and within them those of each form below. Of a recursive schema 14 levels took 20 GB.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from tallystick.contract.subschemas import Definitions, definition_name, schemas_beside

Judgement = tuple[Any, Any]
"""A schema, and the value that it judges."""


def has_more_judgements(schema: Any, value: Any, definitions: Definitions, limit: int) -> bool:
    """Return whether parts of the value are judged by parts of the schema more often than that."""
    pending: list[Judgement] = [(schema, value)]
    for _ in range(limit):
        if not pending:
            return False
        part, judged = pending.pop()
        if isinstance(part, Mapping):
            pending += [(beside, judged) for beside in schemas_beside(part, definitions)]
            pending += _below(part, judged)
    return bool(pending)


def _below(part: Mapping[str, Any], value: Any) -> Iterator[Judgement]:
    if isinstance(value, dict):
        declared = part.get("properties", {})
        further = [*part.get("patternProperties", {}).values()]
        further += [part[key] for key in _FURTHER_MEMBERS if key in part]
        for name, member in value.items():
            found = [declared[name]] if name in declared else further
            yield from ((schema, member) for schema in found)
    elif isinstance(value, list):
        first = part.get("prefixItems", ())
        further = [part[key] for key in _FURTHER_ITEMS if key in part]
        for index, item in enumerate(value):
            found = [first[index]] if index < len(first) else further
            yield from ((schema, item) for schema in found)


_FURTHER_MEMBERS = ("additionalProperties", "unevaluatedProperties")
_FURTHER_ITEMS = ("items", "unevaluatedItems")


def is_recursive(schema: Any, definitions: Definitions) -> bool:
    """Return whether the schema reaches a definition that reaches itself."""
    graph: dict[str, set[str]] = {}
    pending = _names(schema)
    while pending:
        name = pending.pop()
        if name not in graph:
            graph[name] = _names(definitions.get(name))
            pending |= graph[name]
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        return True
    return False


def _names(schema: Any) -> set[str]:
    """Return the names of a schema's definitions."""
    found: set[str] = set()
    pending = [schema]
    while pending:
        part = pending.pop()
        if isinstance(part, Mapping):
            pending += part.values()
            if isinstance(part.get("$ref"), str):
                found.add(definition_name(part["$ref"]))
        elif isinstance(part, list):
            pending += part
    return found
