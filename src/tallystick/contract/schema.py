"""Schemas of the contract, compiled to validators that name the violated rule and its code."""

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
"""jsonschema-rs refuses values nested some 250 levels deep; no schema here looks that far."""

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
    """An OpenAPI 3.0 schema as one of JSON Schema 2020-12, without what does not constrain."""
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
    """One schema, ready to judge values.

    `definitions` are the components' schemas, as `to_json_schema` gives them.
    """

    def __init__(self, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> None:
        self._document = {**schema, "$defs": _named_by(schema, definitions)}
        self._validator = _validator(orjson.dumps(self._document))
        self.accepts_all = not (self._resolve(schema).keys() - {"x-error-codes", "default"})
        """No value can break this schema."""
        resolved = self._resolve(schema)
        self._gathered = tuple(resolved.get("x-gathered", ()))
        self._known = frozenset(resolved.get("properties", ()))
        self._has_integers = "'integer'" in str(self._document)

    def is_valid(self, value: Any) -> bool:
        """True if the value keeps every rule."""
        if self._gathered and not (isinstance(value, dict) and value.keys() <= self._known):
            value = _gather(value, self._gathered)
        try:
            is_valid = self._validator.is_valid(value)
        except ValueError:  # nested too deeply, or a lone surrogate
            value = _pruned(value)
            is_valid = self._validator.is_valid(value)
        return is_valid and not (self._has_integers and self._misspelt(value))

    def knows_any_of(self, value: Any) -> bool:
        """True if at least one member of the object is one that the schema declares."""
        return any(name in self._known or name.startswith(self._gathered) for name in value)

    def violations(self, value: Any, where: str = "body") -> list[Violation]:
        """The first rule that each value breaks, in the order of the contract."""
        value = _gather(value, self._gathered)
        try:
            errors = list(self._validator.iter_errors(value))
        except ValueError:
            value = _pruned(value)
            errors = list(self._validator.iter_errors(value))
        if self._has_integers:
            errors += self._misspelt(value)
        found = sorted((f for error in errors for f in self._found(error)), key=itemgetter(0))
        first: dict[Path, Violation] = {}
        for _, inner, keyword, code, message in found:
            path = self._outer(inner)
            name = str(path[0]) if path else ""
            first.setdefault(path, Violation(where, name, keyword, code, message, path))
        return list(first.values())

    def _misspelt(self, value: Any) -> list[jsonschema_rs.ValidationError]:
        """What is wrong with integers that are written like ``1.0``, which JSON Schema takes."""
        spelt = _with_fractions(value)
        if spelt is value:
            return []
        return [e for e in self._validator.iter_errors(spelt) if e.kind.name == "type"]

    def _outer(self, path: Path) -> Path:
        """The path as the sender knows it, who gathered nothing."""
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
            schema = self._resolve(schema["properties"].get(path[-1], {}))
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
        """Sorts values as the contract lists them; what it does not list comes last, by name."""
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
    """A schema's validator, which operations with the same parameters share."""
    return jsonschema_rs.Draft202012Validator(
        orjson.loads(document), validate_formats=True, offline=True
    )


def _named_by(schema: Any, definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Those definitions that a schema refers to, also by way of others.

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


def _with_fractions(value: Any, depth: int = 0) -> Any:
    """The value if no number in it is written like ``1.0``, else a copy that has 0.5 for each."""
    if isinstance(value, float):
        return 0.5 if value.is_integer() else value
    if depth > _MAX_DEPTH:
        return value
    if isinstance(value, dict):
        members = {key: _with_fractions(member, depth + 1) for key, member in value.items()}
        return members if any(members[key] is not value[key] for key in value) else value
    if isinstance(value, list):
        items = [_with_fractions(item, depth + 1) for item in value]
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
    return value


def _pruned(value: Any, depth: int = 0) -> Any:
    """A copy the validator can walk: without what lies too deep, lone surrogates replaced."""
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
    """The object with all members of a prefix moved into one member of that name."""
    if not isinstance(value, dict):
        return value
    for prefix in prefixes:
        own = {name: member for name, member in value.items() if name.startswith(prefix)}
        if own:
            value = {name: member for name, member in value.items() if name not in own}
            value[prefix] = own
    return value
