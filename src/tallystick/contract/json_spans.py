"""The places of the parts of a JSON text, to keep them byte for byte.

The text has been read already, and is JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_SPACE = re.compile(rb"[ \t\n\r]*")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SCALAR = re.compile(rb"[^\s,\]}]+")
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def members(text: bytes) -> dict[str, bytes]:
    """Return the members of an object as they are written; of a name given twice the last."""
    found = {}
    at = _after(text, text.index(b"{") + 1)
    while text[at] != ord("}"):
        end = _end(text, at)
        name = json.loads(text[at:end])
        start = _after(text, text.index(b":", end) + 1)
        at = _end(text, start)
        found[name] = text[start:at]
        at = _next(text, at)
    return found


def elements(text: bytes) -> Iterator[bytes]:
    """Yield the elements of an array, each as it is written."""
    at = _after(text, text.index(b"[") + 1)
    while text[at] != ord("]"):
        end = _end(text, at)
        yield text[at:end]
        at = _next(text, end)


def _next(text: bytes, at: int) -> int:
    """Return the place of the next part, or else of the closing bracket."""
    at = _after(text, at)
    return _after(text, at + 1) if text[at] == ord(",") else at


def _after(text: bytes, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _end(text: bytes, at: int) -> int:
    """Return the end of the value from there on."""
    if text[at] not in b"[{":
        scalar = (_STRING if text[at] == ord('"') else _SCALAR).match(text, at)
        assert scalar is not None
        return scalar.end()
    depth = 0
    for token in _STRUCTURE.finditer(text, at):
        if token[0] in b"[{":
            depth += 1
        elif token[0] in b"]}":
            depth -= 1
            if not depth:
                return token.end()
    raise AssertionError("the text is not JSON")
