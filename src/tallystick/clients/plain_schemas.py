"""Schemas of a contract of one's own, written in the few forms with a type in any language.

An object with members, and a choice of texts, have a name. Everything else stands where it is
used: text, number, whole number, boolean, list, map, or any JSON. Of several objects (``allOf``,
``oneOf``, ``anyOf``) one is made, with the members of all.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tallystick.clients.plain_text import (
    fold_name,
    is_writable,
    pascal_case,
    to_comment,
    to_sentence,
)
from tallystick.contract.json_pointer import read_step
from tallystick.contract.reader.unique_names import UniqueNames

Schema = dict[str, Any]
Node = Mapping[str, Any]

REFERENCE = "#/components/schemas/"

_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number"}
_FORMATS = {
    "integer": ("int64", "int32"),
    "number": ("double", "float"),
    "string": ("", "date-time"),
}
"""The format that stands for none, and the other one that clients know."""

_COMBINED = {"allOf", "oneOf", "anyOf"}
_SHAPE = {"$ref", "type", "properties", "items", "allOf", "oneOf", "anyOf"}

_CHOICE = re.compile(r"[A-Za-z][A-Za-z0-9_.:/ -]*")


class PlainSchemas:
    """Writes schemas plainly; `named` has those with a name, `omissions` the lost rules."""

    def __init__(self, components: Node, reserved: Sequence[str]) -> None:
        self.named: dict[str, Schema] = {}
        self.omissions: list[str] = []
        self._components = components
        self._reserved = frozenset(map(fold_name, reserved))
        # Files and some languages take names for one that differ in their capitals alone.
        self._names = UniqueNames(reserved, fold=fold_name)
        self._aliases: dict[str, str] = {}
        self._uses: dict[str, Schema] = {}
        """Component name → the schema to write where it is used."""
        self._combined: dict[str, Schema] = {}
        """Combination as JSON → the schema to write where it is used."""
        self._waiting: deque[tuple[str, Schema]] = deque()
        """The objects without their members yet; objects may refer to each other in a long row."""

    def use_schema(self, schema: object, name: str) -> Schema:
        """Return a schema to write where this one stands; `name` is for an object without one."""
        if not isinstance(schema, Mapping):
            return {}
        known = _one_reference(schema)
        if "$ref" in known:
            return self._use_component(known)
        if not _COMBINED & known.keys():
            return self._use_flat(flat_schema(known, self._components), name)
        # A combination may be a member of an object that it combines.
        content = json.dumps(known, sort_keys=True, default=str)
        if content not in self._combined:
            self._combined[content] = self._use_flat(flat_schema(known, self._components), name)
        return dict(self._combined[content])

    def write_members(self) -> None:
        """Give all objects their members, once all uses of schemas are known."""
        while self._waiting:
            self._write_members(*self._waiting.popleft())

    def add_alias(self, schema: Schema, name: str) -> Schema:
        """Return a reference to a new name for a schema without one."""
        is_any = schema.get("type") != "array"
        known = {"type": "array", "items": {}} if is_any else schema
        alias = self._aliases.get(name)
        if alias is None:
            alias = self._aliases[name] = self._add_name(name)
        text = to_comment(schema.get("description"), f"{to_sentence(alias)}.")
        self.named[alias] = {**known, "x-is-any": is_any, "description": text}
        return {"$ref": f"{REFERENCE}{alias}"}

    def _add_name(self, text: str) -> str:
        """Return a name of its own for a schema."""
        name = pascal_case(text)
        return self._names.add_name(f"{name}Model" if fold_name(name) in self._reserved else name)

    def _use_component(self, schema: Node) -> Schema:
        component = component_name(schema)
        if component not in self._uses:
            self._uses[component] = {}  # what a list of itself has as its items
            flat = flat_schema(self._components[component], self._components)
            if _is_named(flat):
                name = self._add_name(component.partition(".")[2])
                self._uses[component] = {"$ref": f"{REFERENCE}{name}"}
                self._add_named(name, flat)
            else:
                self._uses[component] = self._use_flat(flat, component)
        flat = flat_schema(schema, self._components)
        return {**self._uses[component], **_told(flat)}

    def _use_flat(self, flat: Schema, name: str) -> Schema:
        if flat.get("properties"):
            own = self._add_name(name)
            self._add_named(own, flat)
            return {"$ref": f"{REFERENCE}{own}", **_told(flat)}
        return {**self._use_unnamed(flat, name), **_told(flat)}

    def _use_unnamed(self, flat: Schema, name: str) -> Schema:
        kind = flat.get("type")
        if kind == "array":
            return {"type": "array", "items": self._use_part(flat.get("items"), f"{name} item")}
        if kind == "object":
            more = self._use_part(flat.get("additionalProperties"), f"{name} value")
            return {"type": "object", "additionalProperties": more}
        return _plain_value(kind, flat) if kind in (*_FORMATS, "boolean") else {}

    def _use_part(self, schema: object, name: str) -> Schema:
        """Return the schema of items or values; if they may be null, they are any JSON."""
        used = self.use_schema(schema, name)
        if used.get("nullable"):
            return {}
        return {"$ref": used["$ref"]} if "$ref" in used else used

    def _add_named(self, name: str, flat: Schema) -> None:
        """Keep an object, without its members yet, or a choice."""
        schema: Schema = {
            "description": to_comment(flat.get("description"), f"{to_sentence(name)}.")
        }
        self.named[name] = schema
        if "x-error-codes" in flat:
            schema["x-error-codes"] = flat["x-error-codes"]
        if flat.get("properties"):
            schema["type"] = "object"
            self._waiting.append((name, flat))
        else:
            schema |= {"type": "string", "enum": flat["enum"]}

    def _write_members(self, name: str, flat: Schema) -> None:
        schema = self.named[name]
        schema["properties"] = {
            member: self._use_member(known, f"{name} {member}", member)
            for member, known in self._writable_members(name, flat["properties"])
        }
        required = [member for member in flat.get("required", ()) if member in schema["properties"]]
        if required:
            schema["required"] = required
        more = flat.get("additionalProperties")
        if more is True or isinstance(more, Mapping):
            schema["additionalProperties"] = {}

    def _writable_members(self, name: str, members: Node) -> Iterator[tuple[str, Any]]:
        """Yield the members with a name possible in a program, and note the others."""
        for member, schema in members.items():
            if is_writable(member) and fold_name(member):
                yield member, schema
            else:
                reason = "no program can write its name"
                self.omissions.append(f"{name} has no member {member}: {reason}")

    def _use_member(self, member: object, name: str, own: str) -> Schema:
        used = self.use_schema(member, name)
        used["description"] = to_comment(used.get("description"), f"{to_sentence(own) or own}.")
        return used


def _one_reference(schema: Node) -> Node:
    """Return a combination of one reference, alone or with null, as this reference."""
    keywords = _COMBINED & schema.keys()
    if len(keywords) != 1 or _SHAPE & schema.keys() != keywords:
        return schema
    [keyword] = keywords
    parts = schema[keyword]
    known = [each for each in parts if not _is_null(each)]
    if len(known) != 1 or not isinstance(known[0], Mapping) or "$ref" not in known[0]:
        return schema
    if keyword == "allOf" and len(parts) > 1:
        return schema
    nullable = {"nullable": True} if len(parts) > 1 else {}
    own = {key: value for key, value in schema.items() if key != keyword}
    return {**known[0], **own, **nullable}


def _is_null(schema: object) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") in ("null", ["null"])


def component_name(schema: Node) -> str:
    """Return the name of the component behind a schema's reference."""
    reference: str = schema["$ref"]
    return read_step(reference.removeprefix(REFERENCE))


def list_reached(nodes: Iterable[Any], named: Mapping[str, Schema]) -> set[str]:
    """Return the names of all schemas within reach of some parts of the document."""
    found: set[str] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Mapping):
            # A member of an object, or of an example, may have the name `$ref` too.
            is_reference = str(node.get("$ref", "")).startswith(REFERENCE)
            if is_reference and (name := component_name(node)) not in found:
                found.add(name)
                waiting.append(named[name])
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return found


def flat_schema(schema: object, components: Node) -> Schema:
    """Return a schema without references and combinations of its own; members keep theirs."""
    if not isinstance(schema, Mapping):
        return {}
    flat = _own(schema)
    if "$ref" in schema:
        flat = _both(flat_schema(components[component_name(schema)], components), flat)
    for part in reversed(schema.get("allOf", ())):
        flat = _narrowed(flat, flat_schema(part, components))
    for keyword in ("oneOf", "anyOf"):
        if choices := [flat_schema(part, components) for part in schema.get(keyword, ())]:
            flat = _narrowed(flat, _either(choices))
    return flat


_KEPT = (
    *("properties", "required", "items", "additionalProperties", "format"),
    *("description", "nullable", "readOnly", "writeOnly", "x-error-codes"),
)


def _own(schema: Node) -> Schema:
    flat = {key: schema[key] for key in _KEPT if key in schema}
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    types = schema.get("type", _implied_types(schema, values))
    types = [types] if isinstance(types, str) else list(types)
    if "null" in types or (values and None in values):
        flat["nullable"] = True
    types = [name for name in types if name != "null"]
    if len(types) == 1:
        flat["type"] = types[0]
    elif types or schema.get("type") == ["null"] or schema.get("type") == "null":
        flat["type"] = "any" if types else "null"
    if values is not None:
        flat["enum"] = [value for value in values if value is not None]
    return flat


def _implied_types(schema: Node, values: Sequence[object] | None) -> list[str]:
    if "properties" in schema or isinstance(schema.get("additionalProperties"), Mapping):
        return ["object"]
    if "items" in schema:
        return ["array"]
    found = {_TYPES.get(type(value), "any") for value in values or () if value is not None}
    return sorted(found)


def _both(one: Schema, other: Schema) -> Schema:
    """Return the schema of a value under two schemas; the first one has the last word."""
    found = {**other, **one}
    members = dict(other.get("properties", {}))
    for name, member in one.get("properties", {}).items():
        members[name] = _refined(members[name], member) if name in members else member
    if members:
        found |= {"properties": members, "type": "object"}
    if required := [*other.get("required", ()), *one.get("required", ())]:
        found["required"] = list(dict.fromkeys(required))
    return found


def _narrowed(one: Schema, other: Schema) -> Schema:
    """Return the same as `_both`; null is a value where both take it."""
    found = _both(one, other)
    if any("type" in each and not each.get("nullable") for each in (one, other)):
        found.pop("nullable", None)
    return found


def _refined(member: Any, refinement: Any) -> Any:
    if not isinstance(member, Mapping) or not isinstance(refinement, Mapping):
        return refinement
    # Both at once could nest without end, where each refers to the object around it.
    return refinement if _SHAPE & refinement.keys() else {**member, **refinement}


def _either(choices: Sequence[Schema]) -> Schema:
    """Return the schema of a value under one of several schemas."""
    known = [each for each in choices if each.get("type") != "null"]
    nullable: Schema = {}
    if len(known) < len(choices) or any(each.get("nullable") for each in known):
        nullable = {"nullable": True}
    if len(known) == 1:
        return {**known[0], **nullable}
    types = {each.get("type", "any") for each in known}
    if types == {"object"} and all("properties" in each for each in known):
        return {**_either_object(known), **nullable}
    kind = types.pop() if len(types) == 1 else "any"
    if kind in ("array", "null"):
        kind = "any"
    return {"type": kind, **nullable}


def _either_object(choices: Sequence[Schema]) -> Schema:
    members: dict[str, Any] = {}
    for choice in choices:
        for name, member in choice["properties"].items():
            other = members.setdefault(name, member)
            if other != member:
                members[name] = _common(other, member)
    required = [
        name for name in members if all(name in each.get("required", ()) for each in choices)
    ]
    return {"type": "object", "properties": members, "required": required}


def _common(one: Any, other: Any) -> Schema:
    """Return the common part of two members: the type of their texts or numbers, or nothing."""
    types = {each.get("type") for each in map(_own_of, (one, other))}
    kind = types.pop() if len(types) == 1 else None
    return {"type": kind} if kind in (*_FORMATS, "boolean") else {}


def _own_of(schema: Any) -> Schema:
    return _own(schema) if isinstance(schema, Mapping) else {}


def _is_named(flat: Schema) -> bool:
    return bool(flat.get("properties")) or _is_choice(flat)


def _is_choice(flat: Schema) -> bool:
    """Return whether each text of an enum becomes a constant of its own in any language."""
    values = flat.get("enum", [])
    if flat.get("type") != "string" or len(values) < 2:
        return False
    if not all(isinstance(value, str) and _CHOICE.fullmatch(value) for value in values):
        return False
    return len({fold_name(value) for value in values}) == len(values)


def _plain_value(kind: str, flat: Schema) -> Schema:
    usual, other = _FORMATS.get(kind, ("", ""))
    known = other if other and flat.get("format") == other else usual
    return {"type": kind, "format": known} if known else {"type": kind}


def _told(flat: Schema) -> Schema:
    """Return the facts to tell where a schema is used, beside its type."""
    keys = ("nullable", "readOnly", "writeOnly", "x-error-codes")
    found = {key: flat[key] for key in keys if flat.get(key)}
    if text := to_comment(flat.get("description"), ""):
        found["description"] = text
    return found
