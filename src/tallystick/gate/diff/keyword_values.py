"""Values of keywords, named and matched as JSON Schema does."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import jsonschema_rs


def name_value(value: Any) -> str:
    """Return a text, the same for equal values."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)


@lru_cache(10_000)
def _compile(pattern: str) -> jsonschema_rs.Draft202012Validator | None:
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern}, offline=True)
    except ValueError:
        return None


def matches_pattern(pattern: str, value: Any) -> bool:
    """Return whether a value is no text, or matches a schema's pattern."""
    validator = _compile(pattern)
    return validator is not None and validator.is_valid(value)


def _plain(value: Any) -> Any:
    """Return the value with 1.0 as 1."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value
