"""Values of samples, each with its type in the clients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SampleType:
    """A type of the clients."""

    form: str
    """text, moment, choice, whole, number, flag, list, map, object or any."""
    name: str = ""
    """The name of an object, a choice or an alias; the format of a number."""
    of: SampleType | None = None
    """The type of the items of a list, the values of a map, an object's members of your own."""


@dataclass(frozen=True, slots=True)
class SampleValue:
    """A value with its type; `given` is the value as JSON has it."""

    type: SampleType
    given: Any
    items: tuple[SampleValue, ...] = ()
    members: tuple[SampleMember, ...] = ()
    """The members of an object or a map."""
    more: tuple[SampleMember, ...] = ()
    """An object's members of your own."""
    is_partial: bool = False
    """Whether an object has further members in the client."""


@dataclass(frozen=True, slots=True)
class SampleMember:
    """A member of an object or a map, or a parameter of the query."""

    name: str
    value: SampleValue
    schema: Schema
    """The facts of `source` about it; empty for one without."""
    is_required: bool = True


class SampleValues:
    """Types the values of a contract in the generator's form; `schemas` are its components."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas

    def read_value(self, given: Any, schema: Schema) -> SampleValue:
        """Return a value with the type of its schema."""
        return self._typed(given, self._type(schema))

    def read_plain(self, given: Any) -> SampleValue:
        """Return a value as any JSON has it, without the clients' types."""
        return self._typed(given, SampleType("any"))

    def _typed(self, given: Any, type_: SampleType) -> SampleValue:
        inner = type_.of or SampleType("any")
        if not isinstance(given, Mapping):
            items = given if isinstance(given, list) else ()
            return SampleValue(type_, given, tuple(self._typed(each, inner) for each in items))
        if type_.form == "object":
            return self._object(given, type_)
        return SampleValue(type_, given, members=self._members(given, inner))

    def _members(self, given: Mapping[str, Any], inner: SampleType) -> tuple[SampleMember, ...]:
        found = ((name, self._typed(each, inner)) for name, each in given.items())
        return tuple(SampleMember(name, value, {}) for name, value in found)

    def _object(self, given: Mapping[str, Any], type_: SampleType) -> SampleValue:
        schema = self._schemas[type_.name]
        known, required = schema["properties"], schema.get("required", ())
        members = tuple(
            SampleMember(name, self.read_value(given[name], member), member, name in required)
            for name, member in known.items()
            # A client leaves out an optional member that is null.
            if name in given and (given[name] is not None or name in required)
        )
        keeps_more = schema["x-keeps-more"]
        own = {name: each for name, each in given.items() if keeps_more and name not in known}
        return SampleValue(
            type_,
            given,
            members=members,
            more=self._members(own, type_.of or SampleType("any")),
            is_partial=len(members) < len(known) or (keeps_more and not own),
        )

    def _type(self, schema: Schema) -> SampleType:
        name, schema = self._named(schema)
        if "enum" in schema and name:
            return SampleType("choice", name)
        more = schema.get("additionalProperties") or {}
        if "properties" in schema:
            return SampleType("object", name, self._type(more))
        if schema.get("type") == "array":
            return self._list_type(name if "x-is-any" in schema else "", schema)
        return SampleType("map", "", self._type(more)) if more else _scalar_type(schema)

    def _list_type(self, alias: str, schema: Schema) -> SampleType:
        if schema.get("x-is-any"):
            return SampleType("any", alias)
        return SampleType("list", alias, self._type(schema["items"]))

    def _named(self, schema: Schema) -> tuple[str, Schema]:
        """Return the component behind a reference, with its name, else the schema itself."""
        name = ""
        while reference := schema.get("$ref") or schema.get("allOf", [{}])[0].get("$ref"):
            name = reference.rpartition("/")[2]
            schema = self._schemas[name]
        return name, schema


_FORMS = {"string": "text", "integer": "whole", "number": "number", "boolean": "flag"}


def _scalar_type(schema: Schema) -> SampleType:
    form, told = _FORMS.get(schema.get("type", ""), "any"), schema.get("format", "")
    return SampleType("moment") if (form, told) == ("text", "date-time") else SampleType(form, told)


def list_names(value: SampleValue) -> Iterator[str]:
    """Yield the name of each named type within a value."""
    if value.type.form in ("object", "choice", "list", "any") and value.type.name:
        yield value.type.name
    members = (member.value for member in (*value.members, *value.more))
    for each in (*value.items, *members):
        yield from list_names(each)
