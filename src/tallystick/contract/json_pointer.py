"""JSON Pointers, as RFC 6901 has them."""

from __future__ import annotations

from collections.abc import Iterable


def write_pointer(steps: Iterable[str | int]) -> str:
    """Return the pointer of a way through a document."""
    return "".join(f"/{write_step(str(step))}" for step in steps)


def write_step(name: str) -> str:
    """Return a name as a step of a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def read_step(step: str) -> str:
    """Return the name in a step of a pointer."""
    return step.replace("~1", "/").replace("~0", "~")
