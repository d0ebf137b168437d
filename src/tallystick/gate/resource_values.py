"""Values of a resource that a run sends, and finds again as it sent them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

_NEW_TEXT = "0" * 32
"""What stands for a text that no other one has, when it is sent."""

_WORDS = """ é  ½ 𝄞 & "'\\x"""
"""Added to what people write, of which each letter and space must be kept as it came."""

_LETTERS = " é  ½ 𝄞x"
"""Added where there is no room for more."""

_LONGEST = 10_000
"""The most letters of a text that a run sends."""

_MOST = {"int32": 2**31 - 1}
_SAFE = 2**53 - 1
"""The largest integer that programs of all languages keep in JSON."""


def own_text(value: Any, schema: Mapping[str, Any]) -> str | None:
    """Return a text that no other resource has, or None if the schema leaves no room for one."""
    if schema.get("format") == "email":
        return "tally-@NEW@@example.com"
    return f"{value}-@NEW@" if _is_free(schema, len(f"{value}-{_NEW_TEXT}")) else None


def _is_free(schema: Mapping[str, Any], length: int) -> bool:
    """Return whether a schema takes any text of a length."""
    bound = {"pattern", "enum", "format", "const"} & set(schema)
    fits = schema.get("type") == "string" and schema.get("maxLength", length) >= length
    return bool(fits and not bound)


def _is_written_by_people(text: str) -> bool:
    """Return whether a sample looks like words or a name, unlike a slug, a zone or a currency."""
    return " " in text or (text.isalpha() and text.istitle())


def another_value(value: Any, schema: Mapping[str, Any]) -> Any:
    """Return another value that a schema takes, or None if it has rules of its own for it."""
    if isinstance(value, str):
        more = (_WORDS, _LETTERS) if _is_written_by_people(value) else ("x",)
        texts = (value + each for each in more)
        return next((each for each in texts if _is_free(schema, _length(each))), None)
    if isinstance(value, list):
        return [] if value and not schema.get("minItems") else None
    if not _is_free_integer(value, schema):
        return None
    if value < schema.get("maximum", value + 1):
        return value + 1
    return value - 1 if value > schema.get("minimum", value - 1) else None


def _length(text: str) -> int:
    """Return the length of a text, in which Java and JavaScript count some letters twice."""
    return len(text.replace("@NEW@", _NEW_TEXT).encode("utf-16-le")) // 2


def out_of_bounds(schema: Mapping[str, Any]) -> Any:
    """Return a value of a schema's type that is too large for it; None if none is."""
    kind = schema.get("type")
    if kind == "integer" and "maximum" in schema:
        return math.floor(schema["maximum"]) + 1
    most = schema.get("maxLength", _LONGEST)
    return "x" * (most + 1) if kind == "string" and most < _LONGEST else None


def value_of_another_type(schema: Mapping[str, Any]) -> Any:
    """Return a value of another type than a schema's, or None if it takes any."""
    kind = schema.get("type")
    return None if kind in (None, "object") or _is_joined(schema) else {"no": "such"}


def _is_joined(schema: Mapping[str, Any]) -> bool:
    return bool({"oneOf", "anyOf", "not"} & set(schema))


def _is_free_integer(value: Any, schema: Mapping[str, Any]) -> bool:
    if isinstance(value, bool) or not isinstance(value, int):
        return False
    bound = {"enum", "const", "multipleOf", "exclusiveMaximum", "exclusiveMinimum"}
    return not bound & set(schema)


def least_value(name: str, value: Any, schema: Mapping[str, Any], is_required: bool) -> Any:
    """Return the least value of a member that a schema takes, or None if it can't be told."""
    if isinstance(value, bool):
        return None if _is_one_of(schema) else False
    if isinstance(value, str):
        least = schema.get("minLength", 1 if is_required else 0)
        is_told = "minLength" in schema or not is_required
        return _text_of(value, least, schema) if is_told else None
    if isinstance(value, int) and _is_free_integer(value, schema) and not is_id(name):
        return math.ceil(schema.get("minimum", -1))
    return None


def most_value(name: str, value: Any, schema: Mapping[str, Any]) -> Any:
    """Return the greatest value of a member that a schema takes, or None if it can't be told."""
    if isinstance(value, bool):
        return None if _is_one_of(schema) else True
    if isinstance(value, str):
        most = schema.get("maxLength", _LONGEST + 1)
        # A letter of two bytes is one letter.
        return _text_of(value, most, schema, "é") if most <= _LONGEST else None
    if isinstance(value, int) and _is_free_integer(value, schema) and not is_id(name):
        most = _MOST.get(schema.get("format", ""), _SAFE)
        return min(math.floor(schema.get("maximum", most)), most)
    return None


def longest_own_text(name: str, value: str, schema: Mapping[str, Any], gap: str) -> str | None:
    """Return the longest text that no other resource has; `value` is an own text of a sample."""
    text = most_value(name, value.removesuffix("-@NEW@"), schema)
    if not isinstance(text, str) or len(text) <= len(_NEW_TEXT):
        return None
    return f"@{gap}@{text[len(_NEW_TEXT) :]}"


def _text_of(value: str, length: int, schema: Mapping[str, Any], more: str = "") -> str | None:
    """Return a text of a length, with more letters, where people may write what they like."""
    if not _is_written_by_people(value) or not _is_free(schema, length):
        return None
    letters = "".join(each for each in value if each.isascii() and each.isalpha()) or "x"
    letters += more
    return (letters * (length // len(letters) + 1))[:length]


def _is_one_of(schema: Mapping[str, Any]) -> bool:
    return bool({"enum", "const"} & set(schema))


def is_id(name: str) -> bool:
    """Return whether a member of this name is an id, of the item or of another thing."""
    return re.fullmatch(r"(.*[_-])?(?i:(uu|gu)?id)|.*I[dD]", name) is not None


def is_shown_alike(schema: Mapping[str, Any]) -> bool:
    """Return whether the form of a value can be told, as it can't for a time of day."""
    return schema.get("format") not in ("time", "duration")
