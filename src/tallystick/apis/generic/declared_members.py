"""The members that a schema declares, in all of its forms together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tallystick.apis.generic.item_place import Place
from tallystick.contract.error_codes import resolve

_Schema = Mapping[str, Any]
_COMBINED = ("allOf", "anyOf", "oneOf")


class DeclaredMembers(NamedTuple):
    """What is declared of an object."""

    names: frozenset[str]
    takes_all: bool
    """Whether it may have any others too."""


def declared_members(schema: Any, place: Place, content: _Schema) -> DeclaredMembers:
    """Return the members of the part at a place; `content`: the document of the schema."""
    parts = list(_parts([schema], content))
    for name in place:
        inner = (each["properties"][name] for each in parts if name in _properties(each))
        parts = list(_parts(inner, content))
    names = frozenset(name for each in parts for name in _names(each))
    others = (each.get("additionalProperties", False) for each in parts)
    return DeclaredMembers(names, not names or any(each is not False for each in others))


def _parts(schemas: Iterable[Any], content: _Schema) -> Iterator[_Schema]:
    """Yield schemas, their references and alternatives, each one once."""
    waiting = list(schemas)
    seen: set[int] = set()
    while waiting:
        schema = waiting.pop()
        if not isinstance(schema, Mapping) or id(schema) in seen:
            continue
        seen.add(id(schema))
        yield schema
        if "$ref" in schema:
            waiting.append(resolve(schema, content))
        for keyword in _COMBINED:
            waiting += schema.get(keyword, ())


def _names(schema: _Schema) -> Iterator[str]:
    yield from _properties(schema)
    if "propertyName" in schema.get("discriminator", ()):
        yield schema["discriminator"]["propertyName"]


def _properties(schema: _Schema) -> _Schema:
    properties: _Schema = schema.get("properties", {})
    return properties
