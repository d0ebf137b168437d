"""Values for every database and every answer."""

from __future__ import annotations

import json
from typing import Any

from tallystick.apis.eventgrid.exceptions import BadValue
from tallystick.storable_text import is_storable

MAX_DEPTH = 50
"""Levels of objects and arrays."""


def to_json(value: Any) -> str:
    """Return the value in JSON text for a column.

    Not `write_json`: half surrogate pairs were refused before, and the text is compared and
    measured in the letters of the request.
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def refuse_unstorable(value: Any, where: str = "", depth: int = 0) -> None:
    """Raise `BadValue` for JSON beyond every text and column.

    It is a NUL, half a surrogate pair, or more than 50 levels of objects and arrays.
    """
    if depth > MAX_DEPTH:
        raise BadValue(f"a value is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        for name, member in value.items():
            refuse_unstorable(name, where, depth)
            refuse_unstorable(member, f"{where}.{name}" if where else name, depth + 1)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            refuse_unstorable(member, f"{where}.{index}", depth + 1)
    elif isinstance(value, str) and not is_storable(value):
        raise BadValue(f"{where or 'a name'} has a NUL or half a surrogate pair")
