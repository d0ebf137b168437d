"""Keywords written as the other version of OpenAPI has them, and what they mean there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick.contract.reader.keywords import RULES_3_0, RULES_3_1

_BOUNDS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}


def read_as_other_version(
    schema: Mapping[str, Any], keyword: str, is_3_0: bool
) -> dict[str, Any] | None:
    """Return the keywords that say the same in the schema's own version; None if there are none."""
    value = schema[keyword]
    if keyword == "type" and is_3_0:
        return _single_type(value)
    if keyword in _BOUNDS:
        return _bound(schema, keyword, value, is_3_0)
    return None


def _single_type(types: Any) -> dict[str, Any] | None:
    """Read ``[string, 'null']`` of OpenAPI 3.1 for 3.0."""
    fits, _ = RULES_3_1["type"]
    named = [name for name in types if name != "null"] if fits(types) else []
    if len(named) != 1 or isinstance(types, str):
        return None
    return {"type": named[0], **({"nullable": True} if len(named) < len(types) else {})}


def _bound(
    schema: Mapping[str, Any], keyword: str, value: Any, is_3_0: bool
) -> dict[str, Any] | None:
    bound = _BOUNDS[keyword]
    fits, _ = RULES_3_0[bound]
    if is_3_0:
        is_alone = fits(value) and bound not in schema
        return {bound: value, keyword: True} if is_alone else None
    return {keyword: schema[bound]} if value is True and fits(schema.get(bound)) else None


def with_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the type and enum of a schema of 3.1 that takes null beside its values."""
    types = schema["type"]
    named = [types] if isinstance(types, str) else types
    read: dict[str, Any] = {"type": [*dict.fromkeys((*named, "null"))]}
    if "enum" in schema and None not in schema["enum"]:
        read["enum"] = [*schema["enum"], None]
    return read
