"""Flattens schemas to rows, one for each named value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from tallystick.contract.json_pointer import read_step
from tallystick.contract.schema_shape import SchemaShape
from tallystick.web import markdown

_MAX_DEPTH = 6
_MAX_ARRAYS = 3
"""The most arrays within each other in a type's words: one may be an array of itself."""
_OWN = ("description", "example", "x-error-codes")
"""Keywords of a schema for all its forms."""


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
        """Yield the members of an object, or of the objects in an array, each before its own.

        Of several forms all members are told, required if each form requires them.
        """
        forms = self._objects(schema)
        if depth > _MAX_DEPTH:
            return
        required = frozenset.intersection(*(form.required for form in forms))
        for name in dict.fromkeys(name for form in forms for name in form.properties):
            member = _any_of([f.properties[name] for f in forms if name in f.properties])
            yield self._row(name, depth, member, name in required)
            yield from self.rows(member, depth + 1)
        yield from self._named_freely(forms[0], depth)

    def _named_freely(self, form: SchemaShape, depth: int) -> Iterator[Row]:
        for prefix, members in form.keywords.get("x-gathered", {}).items():
            yield self._row(f"{prefix}*", depth, members, False)
        more = form.keywords.get("additionalProperties")
        if isinstance(more, dict) and form.type == "object":
            yield self._row("*", depth, more, False)

    def _objects(self, schema: Any) -> list[SchemaShape]:
        """Return the forms of a value; of an array, those of its items."""
        forms = self._forms(schema)
        for _ in range(_MAX_ARRAYS):
            if forms[0].type != "array":
                break
            forms = self._forms(forms[0].keywords.get("items", {}))
        return forms

    def _forms(self, schema: Any) -> list[SchemaShape]:
        """Return the forms of a value: one for each alternative of the schema."""
        first = SchemaShape(schema, self._document)
        others = (SchemaShape(schema, self._document, turn) for turn in range(1, first.forms))
        return [first, *others]

    def _row(
        self, name: str, depth: int, schema: Mapping[str, Any], required: bool, place: str = ""
    ) -> Row:
        kind, schema = self.type(schema), self._keywords(schema)
        return Row(
            name=name,
            depth=depth,
            type=kind,
            required=required,
            rules=tuple(_rules(schema)),
            codes=tuple(schema.get("x-error-codes", {}).items()),
            description=markdown.line(schema.get("description", "")),
            example=text(schema["example"]) if "example" in schema else "",
            place=place,
        )

    def _keywords(self, schema: Any) -> dict[str, Any]:
        """Return the keywords of a value: its own, then its first form's; the choices of all."""
        forms = [form.keywords for form in self._forms(schema)]
        own = self.followed(schema) if isinstance(schema, Mapping) else {}
        found = {**forms[0], **{name: own[name] for name in _OWN if name in own}}
        choices = [value for form in forms for value in form.get("enum", ())]
        found.pop("enum", None)
        return {**found, "enum": choices} if all("enum" in form for form in forms) else found

    def type(self, schema: Any, around: int = 0) -> str:
        """Return the type in words, such as ``array of string (uuid)``.

        `around`: the number of arrays around it.
        """
        forms = self._forms(schema)
        names = [name for form in forms for name in self._types(form, around)]
        if self._takes_null(schema) or any(form.is_nullable for form in forms):
            names = [*(name for name in names if name != "null"), "null"]
        return " or ".join(dict.fromkeys(names)) or "any JSON"

    def _types(self, form: SchemaShape, around: int) -> Iterator[str]:
        suffix = f" ({form.keywords['format']})" if "format" in form.keywords else ""
        for name in form.types or ["any JSON"]:
            if name == "array" and around < _MAX_ARRAYS:
                yield f"array of {self.type(form.keywords.get('items', {}), around + 1)}"
            else:
                yield name if name == "null" else f"{name}{suffix}"

    def _takes_null(self, schema: Any) -> bool:
        """Return whether null is one of the alternatives; no form is made of it."""
        followed = self.followed(schema) if isinstance(schema, Mapping) else {}
        alternatives = (each for kind in ("oneOf", "anyOf") for each in followed.get(kind, ()))
        return any(isinstance(e, Mapping) and e.get("type") == "null" for e in alternatives)


def _any_of(schemas: Sequence[Any]) -> Any:
    """Return one schema for the value of a member in any of several forms."""
    distinct = [each for i, each in enumerate(schemas) if each not in schemas[:i]]
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}


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
