"""Compiles schemas to validators: a small one at once, a large one when it is first needed.

A schema that reaches a thousand others, as in a document of megabytes, takes 30 MB and 0.15 s of
CPU to compile, and there are hundreds of such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import islice
from typing import Any, NamedTuple

import jsonschema_rs

from tallystick.contract.document import ContractError
from tallystick.contract.formats import FORMATS
from tallystick.contract.json_text import read_json, write_json
from tallystick.contract.schema_2020 import DIALECT
from tallystick.contract.subschemas import Definitions, definition_name

MAX_SMALL = 1_000
"""Objects and arrays of a schema, and of all that it reaches, which is compiled at once."""

LARGE_KEPT = 8
"""Large schemas whose validators are kept: those used last."""

Error = jsonschema_rs.ValidationError


class Validators(NamedTuple):
    """The validators of one schema: of its rules, and of how integers are written, if any are."""

    rules: jsonschema_rs.Draft202012Validator | LargeValidator
    spelling: jsonschema_rs.Draft4Validator | LargeValidator | None


def compile_schema(schema: Mapping[str, Any], definitions: Definitions) -> Validators:
    """Return what judges a schema's values; raise `ContractError` for one that can't be used.

    Of a large schema only its own part is held to JSON Schema at once.
    """
    if not _is_large(schema, definitions):
        text = write_json(with_definitions(schema, definitions))
        return Validators(_rules(text), _spelling(text))
    compile_rules(write_json(_without_references(schema)))
    large = _LargeSchema(schema, definitions)
    return Validators(LargeValidator(large, "rules"), LargeValidator(large, "spelling"))


class _LargeSchema:
    """A schema, compiled anew after a while without use."""

    def __init__(self, schema: Mapping[str, Any], definitions: Definitions) -> None:
        self._schema = schema
        self._definitions = definitions

    def compile_validators(self) -> Mapping[str, Any]:
        """Return the validators by their names in `Validators`."""
        text = write_json(with_definitions(self._schema, self._definitions))
        return {"rules": compile_rules(text), "spelling": _compile_spelling(text)}


@lru_cache(maxsize=LARGE_KEPT)
def _compiled(large: _LargeSchema) -> Mapping[str, Any]:
    return large.compile_validators()


class LargeValidator:
    """One of the validators of a large schema; it is called as the library's are."""

    def __init__(self, large: _LargeSchema, name: str) -> None:
        self._large = large
        self._name = name

    def is_valid(self, value: Any) -> bool:
        """Return whether the value keeps every rule."""
        validator = self._validator()
        return validator is None or validator.is_valid(value)

    def validate(self, value: Any) -> None:
        """Raise the first error of the value."""
        validator = self._validator()
        if validator is not None:
            validator.validate(value)

    def iter_errors(self, value: Any) -> Iterable[Error]:
        """Return all errors of the value."""
        validator = self._validator()
        return () if validator is None else validator.iter_errors(value)

    def _validator(self) -> jsonschema_rs.Validator | None:
        found: jsonschema_rs.Validator | None = _compiled(self._large)[self._name]
        return found


def compile_rules(document: bytes) -> jsonschema_rs.Draft202012Validator:
    """Return a validator of a schema's text; raise `ContractError` for one that can't be used."""
    try:
        return jsonschema_rs.Draft202012Validator(
            read_json(document), validate_formats=True, formats=FORMATS, offline=True
        )
    except (Error, jsonschema_rs.ReferencingError, ValueError) as error:
        message = getattr(error, "message", str(error))
        raise ContractError(f"a schema can't be used: {message}") from error


def _compile_spelling(document: bytes) -> jsonschema_rs.Draft4Validator | None:
    """Return a validator against integers written like ``1.0``, or None without integers.

    JSON Schema accepts them since draft 6, so this one is of draft 4.
    """
    if b'"integer"' not in document:
        return None
    return jsonschema_rs.Draft4Validator(_integers_of(read_json(document)), offline=True)


# Operations with the same schema share its validators.
_rules: Callable[[bytes], jsonschema_rs.Draft202012Validator] = cache(compile_rules)
_spelling: Callable[[bytes], jsonschema_rs.Draft4Validator | None] = cache(_compile_spelling)


def _integers_of(schema: Any) -> Any:
    """The schema as far as it leads to integers, and says of them that they are some."""
    if not isinstance(schema, dict) or DIALECT in schema:  # since 2020-12 it is an integer too
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


def with_definitions(schema: Mapping[str, Any], definitions: Definitions) -> dict[str, Any]:
    """Return the schema with the definitions it refers to, directly or through others."""
    named = {name: definitions[name] for name in _reached(schema, definitions) if name is not None}
    return {**schema, "$defs": named}


def _is_large(schema: Mapping[str, Any], definitions: Definitions) -> bool:
    return any(True for _ in islice(_reached(schema, definitions), MAX_SMALL, None))


def _reached(schema: Any, definitions: Definitions) -> Iterator[str | None]:
    """Yield once for each part of the schema and of all that it reaches.

    The item is a definition's name where it is reached first, else None.
    """
    found: set[str] = set()
    pending = [schema]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            pending += part.values()
            name = definition_name(part["$ref"]) if isinstance(part.get("$ref"), str) else None
            if name is None or name in found or name not in definitions:
                yield None
                continue
            found.add(name)
            pending.append(definitions[name])
            yield name
        elif isinstance(part, list):
            pending += part
            yield None


def _without_references(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: _without_references(part) for key, part in schema.items() if key != "$ref"}
    if isinstance(schema, list):
        return [_without_references(part) for part in schema]
    return schema
