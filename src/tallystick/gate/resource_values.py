"""Values of a resource that a run sends, and finds again as it sent them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NEW_LENGTH = 33

_WORDS = " é  ½x"
"""Added to what people write, of which each letter and space must be kept as it came."""


def own_text(value: Any, schema: Mapping[str, Any]) -> str | None:
    """Return a text that no other resource has, or None if the schema leaves no room for one."""
    if schema.get("format") == "email":
        return "tally-@NEW@@example.com"
    return f"{value}-@NEW@" if _is_free(schema, len(str(value)) + _NEW_LENGTH) else None


def _is_free(schema: Mapping[str, Any], length: int) -> bool:
    """Return whether a schema takes any text of a length."""
    bound = {"pattern", "enum", "format", "const"} & set(schema)
    is_text = schema.get("type") in ("string", ["string", "null"])
    return is_text and not bound and bool(schema.get("maxLength", length) >= length)


def _is_written_by_people(text: str) -> bool:
    """Return whether a sample looks like words or a name, unlike a slug, a zone or a currency."""
    return " " in text or (text.isalpha() and text.istitle())


def another_value(value: Any, schema: Mapping[str, Any]) -> Any:
    """Return another value that a schema takes, or None if it has rules of its own for it."""
    if isinstance(value, str):
        text = value + (_WORDS if _is_written_by_people(value) else "x")
        return text if _is_free(schema, len(text)) else None
    if isinstance(value, list):
        return [] if value and not schema.get("minItems") else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    if {"enum", "const", "multipleOf", "exclusiveMaximum", "exclusiveMinimum"} & set(schema):
        return None
    if value < schema.get("maximum", value + 1):
        return value + 1
    return value - 1 if value > schema.get("minimum", value - 1) else None


def is_shown_alike(schema: Mapping[str, Any]) -> bool:
    """Return whether there is one way to write a value, as there is none for times and 1.0."""
    return "number" not in str(schema.get("type")) and "time" not in str(schema.get("format"))
