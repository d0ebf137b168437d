"""Estimates the cost of a value's errors.

jsonschema-rs judges a value quickly, and lists its errors slowly: those of each form of an `anyOf`,
and within them those of each form below. Each error has a copy of its part of the value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tallystick.contract.subschemas import Definitions, schemas_beside

ERROR_BYTES = 2_000
"""The size of an error without the copy of its part."""

PART_BYTES = 30
"""The size of an item or a member without its text."""

Judgement = tuple[Any, Any]
"""A schema, and the value judged by it."""


def errors_cost_more(schema: Any, value: Any, definitions: Definitions, limit: int) -> bool:
    """Return whether the errors of a value may take more bytes than the limit.

    Each part counts with its size, once for each schema of it and each member needed.
    """
    pending: list[Judgement] = [(schema, value)]
    while pending:
        part, judged = pending.pop()
        rules = part if isinstance(part, Mapping) else {}
        errors = 1 + len(rules.get("required", ()))
        limit -= errors * (ERROR_BYTES + _size(judged, limit))
        if limit < 0:
            return True
        pending += [(beside, judged) for beside in schemas_beside(rules, definitions)]
        pending += _below(rules, judged)
    return False


def _size(value: Any, limit: int) -> int:
    """Return about how many bytes a JSON value takes, or a number over the limit."""
    pending, size = [value], 0
    while pending and size <= limit:
        part = pending.pop()
        if isinstance(part, dict):
            size += PART_BYTES * len(part) + sum(map(len, part))
            pending += part.values()
        elif isinstance(part, list):
            size += PART_BYTES * len(part)
            pending += part
        elif isinstance(part, str):
            size += len(part)
    return size


def _below(part: Mapping[str, Any], value: Any) -> Iterator[Judgement]:
    """Yield the judgements of items and members; a name may match each pattern."""
    if isinstance(value, dict):
        declared = part.get("properties", {})
        patterns = [*part.get("patternProperties", {}).values()]
        further = [part[key] for key in _FURTHER_MEMBERS if key in part]
        for name, member in value.items():
            found = [declared[name]] if name in declared else further
            yield from ((schema, member) for schema in [*patterns, *found])
    elif isinstance(value, list):
        first = part.get("prefixItems", ())
        further = [part[key] for key in _FURTHER_ITEMS if key in part]
        for index, item in enumerate(value):
            found = [first[index]] if index < len(first) else further
            yield from ((schema, item) for schema in found)


_FURTHER_MEMBERS = ("additionalProperties", "unevaluatedProperties")
_FURTHER_ITEMS = ("items", "unevaluatedItems")
