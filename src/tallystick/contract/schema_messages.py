"""What is said of a value that breaks a keyword of its schema; the value is never repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from tallystick.contract.json_text import write_json

MAX_HINTED = 100
"""The longest name, in characters, that is compared with known ones."""

_MESSAGES: Mapping[str, Callable[[Any], str]] = {
    "required": lambda _: "is missing",
    "dependentRequired": lambda _: "is missing",
    "type": lambda types: f"must be {_a(types)}",
    "enum": lambda options: f"must be one of {', '.join(map(_text, options))}",
    "const": lambda value: f"must be {_text(value)}",
    "minLength": lambda n: f"must have at least {n} character{_s(n)}",
    "maxLength": lambda n: f"must have at most {n} character{_s(n)}",
    "pattern": lambda pattern: f"must match {pattern}",
    "format": lambda name: f"must be a valid {name}",
    "minimum": lambda n: f"must be at least {_number(n)}",
    "exclusiveMinimum": lambda n: f"must be more than {_number(n)}",
    "maximum": lambda n: f"must be at most {_number(n)}",
    "exclusiveMaximum": lambda n: f"must be less than {_number(n)}",
    "multipleOf": lambda n: f"must be a multiple of {_number(n)}",
    "minItems": lambda n: f"must have at least {n} item{_s(n)}",
    "maxItems": lambda n: f"must have at most {n} item{_s(n)}",
    "uniqueItems": lambda _: "must not have the same item twice",
    "contains": lambda _: "must have an item of the declared kind",
    "minContains": lambda n: f"must have at least {n} item{_s(n)} of the declared kind",
    "maxContains": lambda n: f"must have at most {n} item{_s(n)} of the declared kind",
    "items": lambda _: "is one item too many",
    "unevaluatedItems": lambda _: "has more items than are known here",
    "minProperties": lambda n: f"must have at least {n} member{_s(n)}",
    "maxProperties": lambda n: f"must have at most {n} member{_s(n)}",
    "propertyNames": lambda _: "is not an allowed name",
    "additionalProperties": lambda _: "is not known here",
    "unevaluatedProperties": lambda _: "is not known here",
    "anyOf": lambda _: "must have one of the declared forms",
    "oneOf": lambda _: "must have exactly one of the declared forms",
    "not": lambda _: "has a form that is not allowed",
    "then": lambda _: "is not allowed here",
    "else": lambda _: "is not allowed here",
    "falseSchema": lambda _: "is not allowed here",
}


def message(keyword: str, schema: Mapping[str, Any]) -> str:
    """Return what is said of a value that breaks that keyword of the schema."""
    if keyword == "pattern" and "x-pattern-words" in schema:
        return f"must be {schema['x-pattern-words']}"
    say = _MESSAGES.get(keyword, lambda _: f"breaks the rule {keyword}")
    return say(schema.get(keyword))


def unknown_name(name: str, known: Iterable[str]) -> str:
    """Return what is said of a name that is not known, with the nearest known one."""
    near = get_close_matches(name, known, n=1) if len(name) <= MAX_HINTED else []
    return f"is not known here{f': near it is {near[0]}' if near else ''}"


def _number(value: int | float) -> int | float:
    """Return a number as people write it: 40 for 40.0, which some documents have everywhere."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _s(n: int) -> str:
    return "" if n == 1 else "s"


def _a(types: str | list[str]) -> str:
    names = [types] if isinstance(types, str) else types
    return " or ".join(
        name if name == "null" else f"{'an' if name[0] in 'aio' else 'a'} {name}" for name in names
    )


def _text(option: Any) -> str:
    return option if isinstance(option, str) else write_json(option).decode()
