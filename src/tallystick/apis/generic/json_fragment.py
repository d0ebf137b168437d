"""Bytes that an item must have in its JSON to match: a database can look for them by itself."""

from __future__ import annotations

import re
from typing import Any

_EXACT = 2**53
"""Integers below it are written alike, as integers and as floating-point numbers."""

_DECIMAL = re.compile(r"-?\d{1,15}(\.\d+)?")


def json_fragment(wanted: Any) -> bytes:
    """Return bytes in the JSON of each value that a filter takes for the wanted one.

    They are empty where the value has several spellings, such as ``1e2`` and ``100.0``.
    """
    if isinstance(wanted, bool):
        return b"true" if wanted else b"false"
    if isinstance(wanted, int):
        return b"%d" % wanted if abs(wanted) < _EXACT else b""
    return wanted.encode() if isinstance(wanted, str) and _is_spelled_once(wanted) else b""


def _is_spelled_once(text: str) -> bool:
    """Whether JSON writes a text as it is, be it a text, a number or a boolean there."""
    is_plain = text.isascii() and text.isprintable() and '"' not in text and "\\" not in text
    return is_plain and (not _is_number(text) or bool(_DECIMAL.fullmatch(text)))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
