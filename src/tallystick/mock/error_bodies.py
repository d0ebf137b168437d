"""Turns a contract's example of one error into another's, by replacing code and text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tallystick.contract import error_codes
from tallystick.contract.error_codes import Codes, ErrorCode

REASON = "chosen by the mock"
"""The text in place of a reason in an error code's message."""

_ROOM = re.compile(r"\{\w+\}")


def names(body: Any, codes: Codes) -> set[str]:
    """Return the error codes named in a body."""
    return {str(v) for name, v in _members(body) if "code" in name.lower() and str(v) in codes}


def says(body: Any, text: str) -> bool:
    """Return whether a body has a member with that text."""
    return any(value == text for _, value in _members(body))


def text(code: ErrorCode) -> str:
    """Return the text of an error code, with `REASON` in place of each placeholder."""
    return _ROOM.sub(REASON, code.message)


def with_code(body: Any, codes: Codes, code: str) -> Any:
    """Return the body with that error code and its text in place of its own."""
    own = names(body, codes)
    texts = [re.compile(".*".join(map(re.escape, _ROOM.split(codes[c].message)))) for c in own]

    def replaced(name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {n: replaced(n, member) for n, member in value.items()}
        if isinstance(value, list):
            return [replaced(name, item) for item in value]
        if "code" in name.lower() and str(value) in own:
            return _like(value, code, codes[code].status)
        if isinstance(value, str) and any(pattern.fullmatch(value) for pattern in texts):
            return text(codes[code])
        return value

    return replaced("", body)


def _like(value: Any, code: str, status: int) -> Any:
    """Return the code in the value's own type, text or number."""
    named = error_codes.value(code)
    if not isinstance(value, int):
        return named
    return int(named) if named.isdigit() else status


def _members(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _members(member, key)
    elif isinstance(value, list):
        for item in value:
            yield from _members(item, name)
    else:
        yield name, value
