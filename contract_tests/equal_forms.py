"""Values that are the same, however a server writes them: times, numbers, addresses."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE | re.ASCII
)
_ADDRESS = re.compile(
    r"[^@\s]+@[^@\s]+|https?://\S+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE
)
"""An e-mail, a URL or a UUID."""

_LOST_S = 1
"""Many databases keep no parts of a second."""

_DIGITS = 1e-6
"""The part of a number that 32 bits lose."""


@dataclass(frozen=True, slots=True)
class EqualForm:
    """A placeholder for a value in any of its forms."""

    value: Any

    def fits(self, shown: Any) -> bool:
        """Return whether a value is the same one."""
        if isinstance(self.value, str):
            return isinstance(shown, str) and _is_same_text(self.value, shown)
        is_number = isinstance(shown, int | float) and not isinstance(shown, bool)
        is_whole = isinstance(self.value, int)
        return is_number and math.isclose(self.value, shown, rel_tol=0 if is_whole else _DIGITS)


def with_equal_forms(value: Any) -> Any:
    """Return a JSON value with placeholders for what has several forms."""
    if isinstance(value, Mapping):
        return {name: with_equal_forms(each) for name, each in value.items()}
    if isinstance(value, list):
        return [with_equal_forms(each) for each in value]
    is_text = isinstance(value, str) and (_TIME.fullmatch(value) or _ADDRESS.fullmatch(value))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return EqualForm(value) if is_text or is_number else value


def _is_same_text(sent: str, shown: str) -> bool:
    if sent == shown:
        return True
    if _ADDRESS.fullmatch(sent):
        return sent.rstrip("/").casefold() == shown.rstrip("/").casefold()
    times = _read_time(sent), _read_time(shown)
    return None not in times and abs(times[0] - times[1]) < _LOST_S  # type: ignore[operator]  # both are numbers here


def _read_time(text: str) -> float | None:
    """Return the seconds of a time since 1970, without parts of a second."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    try:
        return datetime.fromisoformat("T".join(found.group(1, 2)) + found[3].upper()).timestamp()
    except ValueError:
        return None
