"""The possible values of a text, by their schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from tallystick.contract.schema import Schema
from tallystick.contract.subschemas import (
    Definitions,
    item_schemas,
    judging_together,
    member_schemas,
)

# A validator reads an integer as a floating-point number, which has no room for more digits.
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,300})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,300})(\.[0-9]{1,300})?([eE][-+]?[0-9]{1,3})?")
_BOOLEANS = {"true": True, "false": False}
_NULLS = ("", "null")
_TIMES = ("date-time", "time")
_LOST_PLUS = re.compile(r"(?<=[0-9]) (?=[0-9]{2}:[0-9]{2}\Z)")


def _integer(text: str) -> Any:
    return int(text) if _INTEGER.fullmatch(text) else text


def _number(text: str) -> Any:
    return float(text) if _NUMBER.fullmatch(text) else text


def _boolean(text: str) -> Any:
    return _BOOLEANS.get(text, text)


SCALAR_READERS: Mapping[str, Callable[[str], Any]] = {
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
}
"""Type → what reads a text as one. What is not spelled as JSON spells it stays text."""


def is_time(schema: Mapping[str, Any]) -> bool:
    """Return whether a schema's own text is a time of day, with or without its date."""
    return schema.get("format") in _TIMES


def read_time(text: str) -> str:
    """Return a time with a plus for the space before its offset; a query decodes `+` so."""
    return _LOST_PLUS.sub("+", text)


_TYPES_BY_KEYWORD = {"properties": "object", "additionalProperties": "object", "items": "array"}


class Shape:
    """A reader of texts as a schema's values.

    A text stands for the first of these accepted by the schema: a boolean, an integer, a number,
    the text itself, null; of these only the types in the schema, if it names some. Without a
    type the text itself goes first. Where it accepts none of them, the first is the value.
    """

    def __init__(
        self, schema: Any, definitions: Definitions, *, may_lose_plus: bool = False
    ) -> None:
        """`may_lose_plus`: the texts are of a query or a form, where a space may be a plus."""
        self._written = schema
        self._definitions = definitions
        self._may_lose_plus = may_lose_plus
        self._inner: dict[Any, Shape] = {}

    @cached_property
    def types(self) -> frozenset[str]:
        """Return all types in the schema, also by reference or as one of several."""
        parts = judging_together(self._written, self._definitions)
        return frozenset(type_ for part in parts for type_ in _types_of(part))

    @cached_property
    def is_array(self) -> bool:
        """Return whether the value may be an array."""
        return "array" in self.types

    @cached_property
    def is_object(self) -> bool:
        """Return whether the value may be an object."""
        return "object" in self.types

    @cached_property
    def is_scalar(self) -> bool:
        """Return whether the value may be neither an array nor an object."""
        return not self.types or not self.types <= {"array", "object"}

    @cached_property
    def is_binary(self) -> bool:
        """Return whether the value is bytes: a file."""
        parts = judging_together(self._written, self._definitions)
        return any(part.get("format") == "binary" or "contentMediaType" in part for part in parts)

    @property
    def of_query(self) -> Shape:
        """Return a reader of texts from a query or a form by the same schema."""
        return Shape(self._written, self._definitions, may_lose_plus=True)

    @cached_property
    def _lacks_plus(self) -> bool:
        """Return whether a text may be a time without its plus."""
        parts = judging_together(self._written, self._definitions)
        return self._may_lose_plus and any(map(is_time, parts))

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the names of an object's declared members."""
        parts = judging_together(self._written, self._definitions)
        return frozenset(name for part in parts for name in part.get("properties", ()))

    @cached_property
    def is_open(self) -> bool:
        """Return whether an object's other members have a schema in common."""
        parts = judging_together(self._written, self._definitions)
        return not self.names or any(part.get("additionalProperties") for part in parts)

    @cached_property
    def _schema(self) -> Schema:
        return Schema(self._written, self._definitions)

    @cached_property
    def _first_items(self) -> int:
        parts = judging_together(self._written, self._definitions)
        return max((len(part.get("prefixItems", ())) for part in parts), default=0)

    def member(self, name: str) -> Shape:
        """Return the shape of the member of this name."""
        key = name if name in self.names else None
        if key not in self._inner:
            found = member_schemas(self._written, name, self._definitions)
            self._inner[key] = self._of(found)
        return self._inner[key]

    def item(self, index: int) -> Shape:
        """Return the shape of the item at this place."""
        key = min(index, self._first_items)
        if key not in self._inner:
            self._inner[key] = self._of(item_schemas(self._written, key, self._definitions))
        return self._inner[key]

    def _of(self, schemas: Sequence[Any]) -> Shape:
        written = schemas[0] if len(schemas) == 1 else {"anyOf": [*schemas]} if schemas else {}
        schema = {} if isinstance(written, bool) else written
        return Shape(schema, self._definitions, may_lose_plus=self._may_lose_plus)

    def read_text(self, text: str) -> Any:
        """Return the value of a text."""
        if self._lacks_plus:
            return self.best([*_readings(text, self.types), read_time(text)])
        if self.types == {"string"}:
            return text
        return self.best(_readings(text, self.types))

    def read_items(self, texts: Iterable[str]) -> list[Any]:
        """Return the array with the values of these texts as its items."""
        return [self.item(index).read_text(text) for index, text in enumerate(texts)]

    def read_members(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """Return the object with the values of these texts as its members."""
        return {name: self.member(name).read_text(text) for name, text in texts.items()}

    def best(self, values: Iterable[Any]) -> Any:
        """Return the first value accepted by the schema; if it accepts none, the first."""
        known = [*values]
        if len(known) == 1:
            return known[0]
        return next((value for value in known if self._schema.is_valid(value)), known[0])


def _types_of(part: Mapping[str, Any]) -> Iterator[str]:
    types = part.get("type")
    if types is None:
        yield from (type_ for key, type_ in _TYPES_BY_KEYWORD.items() if key in part)
    else:
        yield from [types] if isinstance(types, str) else types


def _readings(text: str, types: frozenset[str]) -> list[Any]:
    """Return all readings of a text, in the order of trial."""
    read = [read(text) for type_, read in SCALAR_READERS.items() if type_ in types or not types]
    other = [value for value in read if value is not text]
    nulls = [None] if text in _NULLS and ("null" in types or not types) else []
    return [*other, text, *nulls] if types else [text, *other, *nulls]
