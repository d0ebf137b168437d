"""Compiles the contract's schemas to validators that report each violation with its error code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from operator import itemgetter
from typing import Any

import jsonschema_rs

from tallystick.contract.error_cost import errors_cost_more
from tallystick.contract.exceptions import Violation
from tallystick.contract.first_error import FirstErrors, first_error
from tallystick.contract.meant_form import meant_form
from tallystick.contract.schema_2020 import DIALECT, bounded, to_defined, told_apart
from tallystick.contract.schema_messages import message, unknown_name
from tallystick.contract.subschemas import (
    LISTS,
    MAPS,
    item_schemas,
    judging_together,
    member_schemas,
    resolve,
)
from tallystick.contract.validators import compile_schema
from tallystick.storable_text import replace_half_pairs

Path = tuple[str | int, ...]
Found = tuple[Any, Path, str, str | None, str]
"""Rank, path, keyword, code and message."""

_MAX_DEPTH = 200
"""Levels passed to jsonschema-rs, which refuses values nested some 250 levels deep.

No schema of the contracts looks that far.
"""

MAX_JUDGED = 2_000
"""The most items and members of a value with all faults reported; a larger one has its first."""

MAX_ERROR_BYTES = 20_000_000
"""The most that the errors of a value may take with all faults reported."""

MAX_VIOLATIONS = 1_000

MAX_HINTS = 10
"""The most unknown names of an object that are told with the nearest known one."""

_DIGITS = re.compile("-?[0-9]{1,18}")
_SUBSCHEMAS = ("items", "additionalProperties", "not")
_LISTS = ("allOf", "anyOf", "oneOf")
_KEPT = frozenset(
    "type enum minLength maxLength pattern format minimum maximum multipleOf minItems maxItems "
    "uniqueItems minProperties maxProperties required default readOnly writeOnly x-error-codes "
    "x-gathered x-pattern-words x-reads-number x-reads-text".split()
)

_NO_RULES = {"x-error-codes", "default", "readOnly", "writeOnly", DIALECT}
_RULES = (
    "required type enum minLength maxLength pattern format minimum exclusiveMinimum maximum "
    "exclusiveMaximum multipleOf minItems maxItems uniqueItems minProperties maxProperties "
    "propertyNames additionalProperties".split()
)


def to_json_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI schema as one of JSON Schema 2020-12, without what does not constrain.

    A schema of OpenAPI 3.1 or 3.2 has ``$schema`` at its root; one of 3.0 has not.
    """
    if DIALECT in schema:
        return to_defined(schema)  # type: ignore[no-any-return]  # a mapping stays one
    if "$ref" in schema:
        return {"$ref": schema["$ref"].replace("#/components/schemas/", "#/$defs/")}
    result = {key: value for key, value in schema.items() if key in _KEPT}
    result |= {key: _subschema(schema[key]) for key in _SUBSCHEMAS if key in schema}
    result |= {key: [to_json_schema(s) for s in schema[key]] for key in _LISTS if key in schema}
    told_apart(result, schema)
    properties = schema.get("properties", {}) | schema.get("x-gathered", {})
    if properties:
        result["properties"] = {name: to_json_schema(s) for name, s in properties.items()}
    if "x-property-names" in schema:
        result["propertyNames"] = {"pattern": schema["x-property-names"]}
    _exclude_bounds(result, schema)
    bounded(result)
    if schema.get("nullable"):
        _allow_null(result)
    return result


def _subschema(schema: Any) -> Any:
    return schema if isinstance(schema, bool) else to_json_schema(schema)


def _exclude_bounds(result: dict[str, Any], schema: Mapping[str, Any]) -> None:
    for name, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if schema.get(exclusive) is True and name in result:
            result[exclusive] = result.pop(name)


def _allow_null(result: dict[str, Any]) -> None:
    if "type" in result:
        result["type"] = [result["type"], "null"]
    if "enum" in result:
        result["enum"] = [*result["enum"], None]


class Schema:
    """A compiled schema.

    `definitions` are the schemas of the document's components, each from `to_json_schema`.
    """

    def __init__(self, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self._schema = schema
        self._document = {**schema, "$defs": definitions}
        self._validator, self._spelling = compile_schema(schema, definitions)
        self._first_errors = FirstErrors(schema, definitions, MAX_ERROR_BYTES)
        self.accepts_all = not (self._resolve(schema).keys() - _NO_RULES)
        """No value can break this schema."""
        resolved = self._resolve(schema)
        self._gathered = tuple(resolved.get("x-gathered", ()))
        self._known = frozenset(resolved.get("properties", ()))

    def is_valid(self, value: Any) -> bool:
        """Return whether the value keeps every rule."""
        if self._gathered and not (isinstance(value, dict) and value.keys() <= self._known):
            value = _gather(value, self._gathered)
        try:
            return self._keeps_all(value)
        except ValueError:  # nested too deeply, or a lone surrogate
            return self._keeps_all(_pruned(value))

    def _keeps_all(self, value: Any) -> bool:
        spelling = self._spelling
        return self._validator.is_valid(value) and (spelling is None or spelling.is_valid(value))

    def read_texts(self, value: Any) -> Any:
        """Return the value with what others may stand for.

        ``x-reads-text``: a text of digits for an integer. ``x-reads-number``: a number for the
        value at its place in the list.
        """
        return self._read_texts(value, self._document)

    def _read_texts(self, value: Any, schema: Any) -> Any:
        schema = self._resolve(schema)
        if isinstance(value, str) and "x-reads-text" in schema and _DIGITS.fullmatch(value):
            return int(value)
        numbered = schema.get("x-reads-number", ())
        if type(value) is int and 0 <= value < len(numbered):
            return numbered[value]
        if isinstance(value, list) and "items" in schema:
            return [self._read_texts(item, schema["items"]) for item in value]
        if isinstance(value, dict) and "properties" in schema:
            known = schema["properties"]
            return {n: self._read_texts(v, known[n]) if n in known else v for n, v in value.items()}
        return value

    def knows_any_of(self, value: Any) -> bool:
        """Return whether the object has at least one of the schema's declared members."""
        return any(name in self._known or name.startswith(self._gathered) for name in value)

    def violations(self, value: Any, where: str = "body") -> list[Violation]:
        """Return one violation for each faulty value, in the order of the contract.

        Each is the first rule broken, by the order in ``x-error-codes`` and then in `_RULES`.
        """
        value = _gather(value, self._gathered)
        try:
            errors = self._errors(value)
        except ValueError:
            value = _pruned(value)
            errors = self._errors(value)
        all_found = (found for error in errors for found in self._found(error, value))
        found = sorted(islice(all_found, MAX_VIOLATIONS), key=itemgetter(0))
        first: dict[Path, Violation] = {}
        for _, inner, keyword, code, text in found:
            path = self._outer(inner)
            name = str(path[0]) if path else ""
            first.setdefault(path, Violation(where, name, keyword, code, text, path))
        return list(first.values())

    def _errors(self, value: Any) -> list[jsonschema_rs.ValidationError]:
        """Return the errors of a value: all, or the first if all would take too much."""
        spelling = self._spelling
        if self._is_dear(value):
            found = self._first_errors.of(value)
            return found or ([] if spelling is None else first_error(spelling, value))
        found = [*self._validator.iter_errors(value)]
        if spelling is not None:
            found += spelling.iter_errors(value)
        return found[:MAX_VIOLATIONS]

    def _is_dear(self, value: Any) -> bool:
        """Return whether the errors of a value may take too much: the library makes all of them."""
        return has_more_parts(value, MAX_JUDGED) or errors_cost_more(
            self._schema, value, self._definitions, MAX_ERROR_BYTES
        )

    def _outer(self, path: Path) -> Path:
        """Return the path as the sender knows it, before members were gathered by prefix."""
        if path and path[0] in self._gathered:
            return path[1:] or (f"{path[0]}*",)
        return path

    def _found(self, error: jsonschema_rs.ValidationError, value: Any) -> Iterator[Found]:
        kind: Any = error.kind  # each keyword's has attributes of its own
        path = _path_in(value, error.instance_path)
        keyword, schema = self._rule(error)
        if hasattr(kind, "property"):
            path = (*path, kind.property)
            schema = self._of_missing(schema, kind.property) if keyword == "required" else schema
        elif keyword == "propertyNames" and hasattr(kind, "error"):
            path = (*path, kind.error.instance)
        elif hasattr(kind, "unexpected") and keyword != "unevaluatedItems":
            for number, name in enumerate(kind.unexpected):
                known = self._names(schema) if number < MAX_HINTS else ()
                *found, _ = self._ranked((*path, name), keyword, schema)
                yield (*found, unknown_name(name, known))
            return
        elif hasattr(kind, "context") and keyword not in schema.get("x-error-codes", {}):
            meant = meant_form(kind.context, schema, error.instance, len(path))
            if meant:
                for inner in meant:
                    yield from self._found(inner, value)
                return
        elif keyword == "type" and error.instance is None:
            # A null where none may be is a value that was not given.
            keyword = "required" if "required" in schema.get("x-error-codes", {}) else keyword
        yield self._ranked(path, keyword, schema)

    def _rule(self, error: jsonschema_rs.ValidationError) -> tuple[str, Mapping[str, Any]]:
        """Return the broken keyword and the schema in which it stands."""
        steps: list[str | int] = list(error.schema_path)
        name = error.kind.name
        if name == "propertyNames":
            # The rule of a name may stand elsewhere; the way to it leads by its object's.
            kind: Any = error.kind
            taken = list(kind.error.evaluation_path)
            return name, self._at(taken[: len(taken) - 1 - taken[::-1].index(name)])
        if not steps or (name == "falseSchema" and (MAPS | LISTS) & {*steps[-2:-1]}):
            return name, {}
        return str(steps[-1]), self._at(steps[:-1])

    def _of_missing(self, schema: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        """Return the schema of a missing member, which names the code."""
        for found in member_schemas(schema, name, self._definitions):
            return self._resolve(found)
        return {}

    def _ranked(self, path: Path, keyword: str, schema: Mapping[str, Any]) -> Found:
        codes = schema.get("x-error-codes", {})
        rules = [*codes, *(rule for rule in _RULES if rule not in codes)]
        order = (self._rank(path), rules.index(keyword) if keyword in rules else len(rules))
        return order, path, keyword, codes.get(keyword), message(keyword, schema)

    def _rank(self, path: Path) -> list[tuple[int, str]]:
        """Return a key to sort values as the contract lists them; unlisted ones come last."""
        rank = []
        schema: Any = self._document
        for step in path:
            if isinstance(step, int):
                rank.append((step, ""))
                found = item_schemas(schema, step, self._definitions)
            else:
                names = self._names(schema)
                rank.append((names.index(step), "") if step in names else (len(names), step))
                found = member_schemas(schema, step, self._definitions)
            schema = found[0] if len(found) == 1 else {"allOf": found}
        return rank

    def _names(self, schema: Any) -> list[str]:
        parts = judging_together(schema, self._definitions)
        return [name for part in parts for name in part.get("properties", ())]

    def _at(self, path: list[str | int]) -> dict[str, Any]:
        schema: Any = self._document
        for step in path:
            if isinstance(schema, dict):
                # A member may be called $ref, as in SCIM: its schema is no text.
                is_reference = step == "$ref" and isinstance(schema.get(step), str)
                # Copies of a schema have further steps on the way to the same definition.
                schema = self._resolve(schema) if is_reference else schema.get(str(step), schema)
            else:
                schema = schema[step]
        return schema if isinstance(schema, dict) else {}

    def _resolve(self, schema: Any) -> dict[str, Any]:
        return resolve(schema, self._definitions)


def _path_in(value: Any, steps: Iterable[str | int]) -> Path:
    """Return the way to a part of a value; jsonschema-rs takes a member named ``0`` for an item."""
    path: list[str | int] = []
    for step in steps:
        if isinstance(value, dict):
            path.append(str(step))
            value = value.get(str(step))
        else:
            path.append(step)
            value = value[int(step)] if isinstance(value, list) else None
    return tuple(path)


def has_more_parts(value: Any, limit: int) -> bool:
    """Return whether a JSON value has more items and members, at all levels, than the limit."""
    pending, count = [value], 0
    while pending:
        part = pending.pop()
        inner = part.values() if isinstance(part, dict) else part
        if isinstance(part, dict | list):
            count += len(inner)
            if count > limit:
                return True
            pending += inner
    return False


def _pruned(value: Any, depth: int = 0) -> Any:
    """Return a copy for the validator: cut at `_MAX_DEPTH` levels, lone surrogates replaced."""
    if depth > _MAX_DEPTH:
        return None
    if isinstance(value, dict):
        return {
            replace_half_pairs(key): _pruned(member, depth + 1) for key, member in value.items()
        }
    if isinstance(value, list):
        return [_pruned(member, depth + 1) for member in value]
    return replace_half_pairs(value) if isinstance(value, str) else value


def _gather(value: Any, prefixes: tuple[str, ...]) -> Any:
    """Return the object with all members of each prefix moved into one member of that name."""
    if not isinstance(value, dict):
        return value
    for prefix in prefixes:
        own = {name: member for name, member in value.items() if name.startswith(prefix)}
        if own:
            value = {name: member for name, member in value.items() if name not in own}
            value[prefix] = own
    return value
