"""Reading JSON of any size of number, as events hold whatever was sent."""

from __future__ import annotations

import json
from typing import Any

_MAX_DIGITS = 4_000


def loads(text: bytes | str) -> Any:
    """The value of a JSON text; integers beyond Python's limit stay text."""
    return json.loads(text, parse_int=_integer)


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MAX_DIGITS else digits
