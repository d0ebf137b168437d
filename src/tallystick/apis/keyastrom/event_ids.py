"""The two names of one event, and the number behind both."""

from __future__ import annotations

import re

_EVENT_ID = re.compile(r"(-?[0-9]{1,19})_([0-9]{1,16})")
_CORRELATION_ID = re.compile(r"[0-9a-fA-F]{1,16}")
_INT64_MIN, _INT64_MAX = -(2**63), 2**63 - 1


def event_id(number: int, start_ms: int) -> str:
    """Return ``4752875331384272026_1764064800000``: the number, and the event's begin."""
    return f"{number}_{start_ms}"


def number_of(text: str) -> int | None:
    """Return the number in an event's ID; None of another text."""
    match = _EVENT_ID.fullmatch(text)
    if not match or not _INT64_MIN <= int(match[1]) <= _INT64_MAX:
        return None
    return int(match[1])


def correlation_id(number: int) -> str:
    """Return the number as 16 hexadecimal digits."""
    return number.to_bytes(8, "big", signed=True).hex()


def correlated(text: str) -> int | None:
    """Return the number in a correlation ID, with or without leading zeros; else None."""
    if not _CORRELATION_ID.fullmatch(text):
        return None
    return int.from_bytes(bytes.fromhex(text.zfill(16)), "big", signed=True)
