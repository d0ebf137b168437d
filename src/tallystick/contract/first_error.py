"""Finds the first error of a value at a bounded cost, whatever its schema is.

jsonschema-rs lists the errors of all forms of an `anyOf` in its error: of a recursive schema 14
levels took 20 GB. Here it judges by copies of the schema. All repeated parts of them are only asked
whether a value is valid: these answers the library remembers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from tallystick.contract.error_cost import errors_cost_more
from tallystick.contract.json_pointer import write_step
from tallystick.contract.json_text import write_json
from tallystick.contract.subschemas import Definitions, map_subschemas
from tallystick.contract.validators import compile_rules, with_definitions

KEPT = 8
"""Schemas whose copies are kept: those used last."""

_JUDGED, _GATE = "judged:", "gate:"
"""Prefixes of a definition's name, for its copies."""

_FORMS = {"anyOf", "oneOf"}


class FirstErrors:
    """The first errors of the values of one schema."""

    def __init__(self, schema: Mapping[str, Any], definitions: Definitions, limit: int) -> None:
        self._schema = schema
        self._definitions = definitions
        self._limit = limit

    def of(self, value: Any) -> list[jsonschema_rs.ValidationError]:
        """Return the first error of a value, if it has one.

        One of several forms comes with the errors of each, unless these may take more bytes than
        the limit.
        """
        found = first_error(_compiled(self, _told_briefly), value)
        return first_error(_compiled(self, _told), value) if self._has_more(found) else found

    def _has_more(self, found: list[jsonschema_rs.ValidationError]) -> bool:
        return any(
            hasattr(error.kind, "context")
            and not errors_cost_more(
                self._at(error.schema_path[:-1]), error.instance, self._definitions, self._limit
            )
            for error in found
        )

    def _at(self, steps: list[str | int]) -> Any:
        schema: Any = {**self._schema, "$defs": self._definitions}
        for step in steps:
            schema = schema[int(step)] if isinstance(schema, list) else schema[str(step)]
        return schema

    def copy(self, told: Callable[[Any], Any]) -> jsonschema_rs.Validator:
        """Return a validator of the schema with its definitions, each told and judged."""
        document = with_definitions(self._schema, self._definitions)
        definitions = document.pop("$defs")
        copies = {name: told(schema) for name, schema in definitions.items()}
        for name, schema in definitions.items():
            copies[_JUDGED + name] = _judged(schema)
            copies[_GATE + name] = {"if": _reference(_JUDGED + name), "else": _reference(name)}
        return compile_rules(write_json({**told(document), "$defs": copies}))


@lru_cache(maxsize=2 * KEPT)
def _compiled(errors: FirstErrors, told: Callable[[Any], Any]) -> jsonschema_rs.Validator:
    return errors.copy(told)


def first_error(validator: Any, value: Any) -> list[jsonschema_rs.ValidationError]:
    """Return the first error found by a validator, if there is one."""
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        return [error]
    return []


def _judged(schema: Any) -> Any:
    """Return the copy to be asked only whether a value is valid."""
    if not isinstance(schema, Mapping):
        return schema
    return _renamed(map_subschemas(schema, _judged), _JUDGED)


def _told(schema: Any) -> Any:
    """Return the copy with errors: those of a definition only for an invalid value."""
    if not isinstance(schema, Mapping):
        return schema
    return _renamed(map_subschemas(schema, _told), _GATE)


def _told_briefly(schema: Any) -> Any:
    """Return the copy with errors too, but none of the forms of an ``anyOf``.

    The keyword stays, with one form: ``false`` for all values but those of the forms.
    """
    if not isinstance(schema, Mapping):
        return schema
    result = _renamed(map_subschemas(schema, _told_briefly), _GATE)
    for key in schema.keys() & _FORMS:
        forms = [_judged(form) for form in schema[key]]
        result[key] = [{"if": {key: forms}, "else": False}]
    return result


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": "#/$defs/" + quote(write_step(name))}


def _renamed(schema: dict[str, Any], copy: str) -> dict[str, Any]:
    if "$ref" in schema:
        schema["$ref"] = schema["$ref"].replace("#/$defs/", f"#/$defs/{copy}", 1)
    return schema
