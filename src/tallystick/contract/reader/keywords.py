"""The keywords of schemas: those with further schemas, and the values allowed for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs

_TYPES = frozenset("string number integer boolean array object".split())
_TYPES_3_1 = _TYPES | {"null"}

NAMED = frozenset("properties patternProperties dependentSchemas x-gathered".split())
"""Keywords whose value is a mapping of names to schemas."""

IN_PLACE = frozenset("allOf anyOf oneOf not if then else dependentSchemas".split())
"""Keywords whose schemas judge the same value as the schema that they stand in."""

COMBINING = frozenset("allOf anyOf oneOf".split())
"""Keywords with several schemas that judge the same value together."""

ONLY_3_1 = frozenset(
    "const if then else contains minContains maxContains propertyNames unevaluatedItems "
    "unevaluatedProperties contentSchema contentEncoding contentMediaType prefixItems "
    "patternProperties dependentSchemas dependentRequired $dynamicRef $comment "
    "dependencies examples".split()
)
"""Keywords that a schema of OpenAPI 3.0 does not have."""

NAMING = frozenset("$defs definitions $id $schema $anchor $dynamicAnchor $vocabulary".split())
"""Keywords that say how a schema is found; nothing needs them once references are resolved."""

KEPT = frozenset("default example xml externalDocs const".split())
"""Keywords whose value may be anything, or is read by nobody here."""

OUTDATED = frozenset("dependencies $recursiveAnchor $recursiveRef".split())
"""Keywords that JSON Schema had before its draft 2020-12."""


def _is_count(value: Any) -> bool:
    return _is_number(value) and value >= 0 and value == int(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _is_names(value: Any) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(name, str) for name in value)
        and len({*value}) == len(value)
    )


def _is_type(value: Any) -> bool:
    return isinstance(value, str) and value in _TYPES


def _is_type_3_1(value: Any) -> bool:
    names = [value] if isinstance(value, str) else value
    return _is_names(names) and bool(names) and _TYPES_3_1.issuperset(names)


@lru_cache(10_000)
def is_regex(pattern: str) -> bool:
    """Return whether a pattern compiles as a regular expression."""
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern}, offline=True)
    except ValueError:
        return False
    return True


def _is_pattern(value: Any) -> bool:
    return isinstance(value, str) and is_regex(value)


Rules = Mapping[str, tuple[Callable[[Any], bool], str]]
"""What the value of a keyword must be: as a function, and in words."""

_COMMON: Rules = {
    **dict.fromkeys(
        "minLength maxLength minItems maxItems minProperties maxProperties".split(),
        (_is_count, "a number of 0 or more"),
    ),
    "minimum": (_is_number, "a number"),
    "maximum": (_is_number, "a number"),
    "multipleOf": (lambda value: _is_number(value) and value > 0, "a number above 0"),
    **dict.fromkeys(
        ("pattern", "x-property-names"), (_is_pattern, "a regular expression that can be compiled")
    ),
    "format": (_is_text, "text"),
    "title": (_is_text, "text"),
    "description": (_is_text, "text"),
    "uniqueItems": (_is_boolean, "true or false"),
    "required": (_is_names, "a list of different names"),
    "enum": (lambda value: isinstance(value, list) and bool(value), "a list of values"),
    "deprecated": (_is_boolean, "true or false"),
    "readOnly": (_is_boolean, "true or false"),
    "writeOnly": (_is_boolean, "true or false"),
}

RULES_3_0: Rules = {
    **_COMMON,
    "type": (_is_type, "one of " + ", ".join(sorted(_TYPES))),
    "nullable": (_is_boolean, "true or false"),
    "exclusiveMinimum": (_is_boolean, "true or false"),
    "exclusiveMaximum": (_is_boolean, "true or false"),
}

RULES_3_1: Rules = {
    **_COMMON,
    "type": (_is_type_3_1, "one or some of " + ", ".join(sorted(_TYPES_3_1))),
    "exclusiveMinimum": (_is_number, "a number"),
    "exclusiveMaximum": (_is_number, "a number"),
    "examples": (lambda value: isinstance(value, list), "a list"),
    **dict.fromkeys("contentEncoding contentMediaType $comment".split(), (_is_text, "text")),
    "minContains": (_is_count, "a number of 0 or more"),
    "maxContains": (_is_count, "a number of 0 or more"),
    "dependentRequired": (
        lambda value: isinstance(value, dict) and all(map(_is_names, value.values())),
        "a mapping of names to lists of names",
    ),
}
