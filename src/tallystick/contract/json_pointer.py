"""JSON Pointers, as RFC 6901 has them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

# No list is longer, and Python reads no number of thousands of digits.
_INDEX = re.compile("[0-9]{1,9}")


def write_pointer(steps: Iterable[str | int]) -> str:
    """Return the pointer of a way through a document."""
    return "".join(f"/{write_step(str(step))}" for step in steps)


def write_step(name: str) -> str:
    """Return a name as a step of a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def read_step(step: str) -> str:
    """Return the name in a step of a pointer."""
    return step.replace("~1", "/").replace("~0", "~")


def read_index(step: str, items: Sequence[Any]) -> int | None:
    """Return the place of one of the items by a step, or None for another step."""
    index = int(step) if _INDEX.fullmatch(step) else len(items)
    return index if index < len(items) else None
