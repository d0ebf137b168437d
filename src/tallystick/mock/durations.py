"""Durations as people write them."""

from __future__ import annotations

_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def duration_ms(text: str) -> int:
    """``20m`` → 1,200,000; the text is a ``MockDuration`` of the contract."""
    number = text.rstrip("msdh")
    return int(number) * _MS[text[len(number) :]]
