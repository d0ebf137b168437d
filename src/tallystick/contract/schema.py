"""Compiles the contract's schemas to validators that report each violation with its error code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from operator import itemgetter
from typing import Any

import jsonschema_rs
import orjson

from tallystick.contract.exceptions import Violation
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

MAX_VIOLATIONS = 1_000

_BOUNDS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_SUBSCHEMAS = ("items", "additionalProperties", "not")
_LISTS = ("allOf", "anyOf", "oneOf")
_KEPT = frozenset(
    "type enum minLength maxLength pattern format minimum maximum multipleOf minItems maxItems "
    "uniqueItems minProperties maxProperties required default x-error-codes x-gathered "
    "x-pattern-words".split()
)

_RULES = (
    "required type enum minLength maxLength pattern format minimum exclusiveMinimum maximum "
    "exclusiveMaximum multipleOf minItems maxItems uniqueItems minProperties maxProperties "
    "propertyNames additionalProperties".split()
)

_MESSAGES: Mapping[str, Callable[[Any], str]] = {
    "required": lambda _: "is missing",
    "type": lambda types: f"must be {_a(types)}",
    "enum": lambda options: f"must be one of {', '.join(map(_text, options))}",
    "minLength": lambda n: f"must have at least {n} character{_s(n)}",
    "maxLength": lambda n: f"must have at most {n} character{_s(n)}",
    "pattern": lambda pattern: f"must match {pattern}",
    "format": lambda name: f"must be a valid {name}",
    "minimum": lambda n: f"must be at least {n}",
    "exclusiveMinimum": lambda n: f"must be more than {n}",
    "maximum": lambda n: f"must be at most {n}",
    "exclusiveMaximum": lambda n: f"must be less than {n}",
    "multipleOf": lambda n: f"must be a multiple of {n}",
    "minItems": lambda n: f"must have at least {n} item{_s(n)}",
    "maxItems": lambda n: f"must have at most {n} item{_s(n)}",
    "uniqueItems": lambda _: "must not have the same item twice",
    "minProperties": lambda n: f"must have at least {n} member{_s(n)}",
    "maxProperties": lambda n: f"must have at most {n} member{_s(n)}",
    "propertyNames": lambda _: "is not an allowed name",
    "additionalProperties": lambda _: "is not known here",
}


def _s(n: int) -> str:
    return "" if n == 1 else "s"


def _a(types: str | list[str]) -> str:
    names = [types] if isinstance(types, str) else types
    return " or ".join(
        name if name == "null" else f"{'an' if name[0] in 'aio' else 'a'} {name}" for name in names
    )


def _text(option: Any) -> str:
    return "null" if option is None else str(option)


def to_json_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI 3.0 schema as JSON Schema 2020-12, with its constraints alone."""
    if "$ref" in schema:
        return {"$ref": schema["$ref"].replace("#/components/schemas/", "#/$defs/")}
    result = {key: value for key, value in schema.items() if key in _KEPT}
    result |= {key: _subschema(schema[key]) for key in _SUBSCHEMAS if key in schema}
    result |= {key: [to_json_schema(s) for s in schema[key]] for key in _LISTS if key in schema}
    properties = schema.get("properties", {}) | schema.get("x-gathered", {})
    if properties:
        result["properties"] = {name: to_json_schema(s) for name, s in properties.items()}
    if "x-property-names" in schema:
        result["propertyNames"] = {"pattern": schema["x-property-names"]}
    _bound(result, schema)
    if schema.get("nullable"):
        _allow_null(result)
    return result


def _subschema(schema: Any) -> Any:
    return schema if isinstance(schema, bool) else to_json_schema(schema)


def _bound(result: dict[str, Any], schema: Mapping[str, Any]) -> None:
    for name, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if schema.get(exclusive) is True:
            result[exclusive] = result.pop(name)
    if schema.get("type") == "integer" and schema.get("format") in _BOUNDS:
        low, high = _BOUNDS[schema["format"]]
        result["minimum"] = max(low, result.get("minimum", low))
        result["maximum"] = min(high, result.get("maximum", high))


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
        self._document = {**schema, "$defs": _named_by(schema, definitions)}
        text = orjson.dumps(self._document)
        self._validator = _validator(text)
        self.accepts_all = not (self._resolve(schema).keys() - {"x-error-codes", "default"})
        """True if every value is valid."""
        resolved = self._resolve(schema)
        self._gathered = tuple(resolved.get("x-gathered", ()))
        self._known = frozenset(resolved.get("properties", ()))
        self._spelling = _spelling_validator(text)

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
            errors = self._errors(_pruned(value))
        found = sorted((f for error in errors for f in self._found(error)), key=itemgetter(0))
        first: dict[Path, Violation] = {}
        for _, inner, keyword, code, message in found:
            path = self._outer(inner)
            name = str(path[0]) if path else ""
            first.setdefault(path, Violation(where, name, keyword, code, message, path))
        return list(first.values())

    def _errors(self, value: Any) -> list[jsonschema_rs.ValidationError]:
        """Return all errors of a value, or the first one of a large value.

        Each error costs a copy of its part of the value, and the library makes all of them: a list
        of 300,000 empty objects took seven seconds.
        """
        errors = _first_error if has_more_parts(value, MAX_JUDGED) else _all_errors
        found = [*errors(self._validator, value)]
        if self._spelling is not None:
            found += errors(self._spelling, value)
        return found[:MAX_VIOLATIONS]

    def _outer(self, path: Path) -> Path:
        """Return the path as the sender knows it, before members were gathered by prefix."""
        if path and path[0] in self._gathered:
            return path[1:] or (f"{path[0]}*",)
        return path

    def _found(self, error: jsonschema_rs.ValidationError) -> Iterator[Found]:
        keyword = error.kind.name
        kind: Any = error.kind  # each keyword's has attributes of its own
        path = tuple(error.instance_path)
        # A name's own rule is one step further down than its object's.
        steps = error.schema_path[: -2 if keyword == "propertyNames" else -1]
        schema = self._at(steps)
        if keyword == "required":
            path = (*path, kind.property)
            schema = self._resolve(schema.get("properties", {}).get(path[-1], {}))
        elif keyword == "propertyNames":
            path = (*path, kind.error.instance)
        elif keyword == "additionalProperties":
            for name in kind.unexpected:
                yield self._ranked((*path, name), keyword, schema)
            return
        elif keyword == "type" and error.instance is None:
            # A null where none may be is a value that was not given.
            keyword = "required" if "required" in schema.get("x-error-codes", {}) else keyword
        yield self._ranked(path, keyword, schema)

    def _ranked(self, path: Path, keyword: str, schema: Mapping[str, Any]) -> Found:
        codes = schema.get("x-error-codes", {})
        rules = [*codes, *(rule for rule in _RULES if rule not in codes)]
        order = (self._rank(path), rules.index(keyword) if keyword in rules else len(rules))
        return order, path, keyword, codes.get(keyword), _message(keyword, schema)

    def _rank(self, path: Path) -> list[tuple[int, str]]:
        """Return a key to sort values as the contract lists them; unlisted ones come last."""
        rank = []
        schema = self._resolve(self._document)
        for step in path:
            properties = schema.get("properties", {})
            if isinstance(step, int):
                rank.append((step, ""))
                schema = self._resolve(schema.get("items", {}))
            elif step in properties:
                rank.append((list(properties).index(step), ""))
                schema = self._resolve(properties[step])
            else:
                rank.append((len(properties), step))
                more = schema.get("additionalProperties")
                schema = self._resolve(more) if isinstance(more, dict) else {}
        return rank

    def _at(self, path: list[str | int]) -> dict[str, Any]:
        schema: Any = self._document
        for step in path:
            if isinstance(schema, dict) and step not in schema:
                schema = self._resolve(schema)
            schema = schema[step]
        return self._resolve(schema)

    def _resolve(self, schema: Any) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self._document["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        return dict(schema)


def _message(keyword: str, schema: Mapping[str, Any]) -> str:
    if keyword == "pattern" and "x-pattern-words" in schema:
        return f"must be {schema['x-pattern-words']}"
    message = _MESSAGES.get(keyword, lambda _: f"breaks the rule {keyword}")
    return message(schema.get(keyword))


@cache
def _validator(document: bytes) -> jsonschema_rs.Draft202012Validator:
    """Return a schema's validator, shared by operations with the same parameters."""
    return jsonschema_rs.Draft202012Validator(
        orjson.loads(document), validate_formats=True, offline=True
    )


@cache
def _spelling_validator(document: bytes) -> jsonschema_rs.Draft4Validator | None:
    """Return a validator that refuses integers written like ``1.0``, or None without integers.

    JSON Schema accepts them since draft 6, so this one is of draft 4.
    """
    if b'"integer"' not in document:
        return None
    return jsonschema_rs.Draft4Validator(_integers_of(orjson.loads(document)), offline=True)


def _integers_of(schema: Any) -> Any:
    """Return the parts of a schema that lead to integers, with their types alone."""
    if not isinstance(schema, dict):
        return {}
    rules = {"$ref": schema["$ref"]} if "$ref" in schema else {}
    if "integer" in schema.get("type", ()):
        rules["type"] = schema["type"]
    for key in ("items", "additionalProperties"):
        if key in schema:
            rules[key] = _integers_of(schema[key])
    for key in ("properties", "$defs"):
        if key in schema:
            rules[key] = {name: _integers_of(inner) for name, inner in schema[key].items()}
    if "allOf" in schema:
        rules["allOf"] = [_integers_of(part) for part in schema["allOf"]]
    return rules


def _named_by(schema: Any, definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return the definitions referred to by a schema, directly or through others.

    All of them would be read, and kept, again for each of hundreds of schemas.
    """
    found: dict[str, Any] = {}
    pending = [schema]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).removeprefix("#/$defs/")
            if name in definitions and name not in found:
                found[name] = definitions[name]
                pending.append(found[name])
            pending += part.values()
        elif isinstance(part, list):
            pending += part
    return found


def _all_errors(
    validator: jsonschema_rs.Validator, value: Any
) -> Iterator[jsonschema_rs.ValidationError]:
    return iter(validator.iter_errors(value))


def _first_error(
    validator: jsonschema_rs.Validator, value: Any
) -> Iterator[jsonschema_rs.ValidationError]:
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        yield error


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
