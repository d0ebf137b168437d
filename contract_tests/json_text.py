"""JSON with numbers of any size, as in stored events."""

from __future__ import annotations

import json
from typing import Any

_MAX_DIGITS = 4_000


def loads(text: bytes | str) -> Any:
    """Return the value of a JSON text; integers beyond Python's limit stay text.

    Raises `ValueError` for no JSON, and for JSON that is nested too deeply to read.
    """
    try:
        return json.loads(text, parse_int=_integer)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply to read") from error


def member(value: Any, path: str) -> Any:
    """Return a value's member at a path such as ``items.0.id``; raise `LookupError` without one.

    An empty path is that of the value itself.
    """
    for name in path.split(".") if path else ():
        if isinstance(value, list) and name.isdecimal():
            value = value[int(name)]
        elif isinstance(value, dict):
            value = value[name]
        else:
            raise KeyError(path)
    return value


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MAX_DIGITS else digits
