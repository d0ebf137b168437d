"""The places of the parts of a JSON text, to keep them byte for byte.

The text has been read already, and is JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_SPACE = re.compile(r"[ \t\n\r]*")
# Its numbers stay texts: one of 5,000 digits is none of Python's. It finds the end of a list of a
# hundred thousand in milliseconds, as it is written in C.
_READER = json.JSONDecoder(parse_int=str, parse_float=str)


def members(text: bytes) -> dict[str, bytes]:
    """Return the members of an object as they are written; of a name given twice the last."""
    found = {}
    written = text.decode()
    at = _after(written, written.index("{") + 1)
    while written[at] != "}":
        name, end = _read(written, at)
        start = _after(written, written.index(":", end) + 1)
        _, at = _read(written, start)
        found[name] = written[start:at].encode()
        at = _next(written, at)
    return found


def elements(text: bytes) -> Iterator[bytes]:
    """Yield the elements of an array, each as it is written."""
    written = text.decode()
    at = _after(written, written.index("[") + 1)
    while written[at] != "]":
        _, end = _read(written, at)
        yield written[at:end].encode()
        at = _next(written, end)


def _read(text: str, at: int) -> tuple[Any, int]:
    """Return the value from there on, and its end."""
    return _READER.raw_decode(text, at)


def _next(text: str, at: int) -> int:
    """Return the place of the next part, or else of the closing bracket."""
    at = _after(text, at)
    return _after(text, at + 1) if text[at] == "," else at


def _after(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at
