"""Flattens schemas to rows, one for each named value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from tallystick.contract.json_pointer import read_step
from tallystick.web import markdown

_MAX_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter, or a member of a body."""

    name: str
    depth: int
    type: str
    required: bool
    rules: tuple[str, ...]
    codes: tuple[tuple[str, str], ...]
    """Schema keyword → error code."""
    description: Markup
    example: str
    place: str = ""
    """``query``, ``path`` or ``header`` for a parameter."""


class Schemas:
    """The schemas of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def followed(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the part at the end of a ``$ref``, and any other node unchanged."""
        while "$ref" in node:
            found: Any = self._document
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[read_step(step)]
            node = found
        return node

    def example(self, schema: Mapping[str, Any]) -> Any:
        """Return the example of a schema; an empty text where it has none."""
        followed = self.followed(schema)
        examples = followed.get("examples") or [""]
        return followed.get("example", examples[0])

    def parameter(self, parameter: Mapping[str, Any]) -> Row:
        """Return the row of a parameter."""
        schema = self.followed(parameter.get("schema", {}))
        prefix = parameter.get("x-property-prefix")
        name = f"{prefix}*" if prefix else parameter["name"]
        own = {key: parameter[key] for key in ("description", "example") if key in parameter}
        return self._row(
            name, 0, {**schema, **own}, parameter.get("required", False), parameter["in"]
        )

    def rows(self, schema: Mapping[str, Any], depth: int = 0) -> Iterator[Row]:
        """Yield the members of an object, or of the objects in an array, each before its own."""
        schema = self._objects(schema)
        required = schema.get("required", ())
        if depth > _MAX_DEPTH:
            return
        for name, member in schema.get("properties", {}).items():
            followed = self.followed(member)
            yield self._row(name, depth, followed, name in required)
            yield from self.rows(followed, depth + 1)
        yield from self._named_freely(schema, depth)

    def _named_freely(self, schema: Mapping[str, Any], depth: int) -> Iterator[Row]:
        for prefix, members in schema.get("x-gathered", {}).items():
            yield self._row(f"{prefix}*", depth, self.followed(members), False)
        more = schema.get("additionalProperties")
        if isinstance(more, dict) and schema.get("type") == "object":
            yield self._row("*", depth, self.followed(more), False)

    def _objects(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        schema = self.followed(schema)
        while schema.get("type") == "array":
            schema = self.followed(schema.get("items", {}))
        return schema

    def _row(
        self, name: str, depth: int, schema: Mapping[str, Any], required: bool, place: str = ""
    ) -> Row:
        return Row(
            name=name,
            depth=depth,
            type=self.type(schema),
            required=required,
            rules=tuple(_rules(schema)),
            codes=tuple(schema.get("x-error-codes", {}).items()),
            description=markdown.line(schema.get("description", "")),
            example=text(schema["example"]) if "example" in schema else "",
            place=place,
        )

    def type(self, schema: Mapping[str, Any]) -> str:
        """Return the type in words, such as ``array of string (uuid)``."""
        schema = self.followed(schema)
        name = schema.get("type", "any JSON")
        if isinstance(name, list):
            name = " or ".join(name)
        if name == "array":
            name = f"array of {self.type(schema.get('items', {}))}"
        if "format" in schema:
            name += f" ({schema['format']})"
        return f"{name} or null" if schema.get("nullable") else str(name)


def text(value: Any, indent: int | None = None) -> str:
    """Return an example as it is sent: a text unchanged, other values as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=indent)


def _rules(schema: Mapping[str, Any]) -> Iterator[str]:
    if "enum" in schema:
        yield "one of " + ", ".join(text(value) for value in schema["enum"])
    for noun, low, high in (
        ("characters", "minLength", "maxLength"),
        ("items", "minItems", "maxItems"),
        ("members", "minProperties", "maxProperties"),
        ("", "minimum", "maximum"),
    ):
        if low in schema or high in schema:
            yield _span(schema.get(low), schema.get(high), noun)
    if "pattern" in schema:
        yield f"matches {schema['pattern']}"
    if "x-property-names" in schema:
        yield f"names match {schema['x-property-names']}"
    if "default" in schema:
        yield f"{text(schema['default'])} when absent"


def _span(low: Any, high: Any, noun: str) -> str:
    if high is None:
        words = f"at least {low}"
    elif low is None:
        words = f"at most {high}"
    else:
        words = f"{low} to {high}" if low != high else f"exactly {low}"
    return f"{words} {noun}".rstrip()
