"""A value of an item is compared with one that a caller names."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.generic.comparisons import COMPARISONS


@pytest.mark.parametrize(
    ("word", "value", "wanted", "expected"),
    [
        ("gt", 10, "9", True),
        ("gt", "10", 9, True),
        ("gt", "b", "a", True),
        ("gt", True, 0, False),
        ("gt", None, 1, False),
        ("gt", {"a": 1}, 0, False),
        ("lte", [1, 9], 2, True),
        ("gte", "2026-01-31T09:00:00+01:00", "2026-01-31T08:00:00Z", True),
        ("lt", "2026-01-30", "2026-01-31T00:00:00.5Z", True),
        ("co", "Rome", "OM", True),
        ("sw", ["Rome", "Oslo"], "os", True),
        ("ew", 5, "5", False),
        ("eq", 10**400, "x", False),
        ("gt", 10**400, "1", False),
        ("ne", [1, 2], 2, False),
    ],
)
def test_values_are_compared(word: str, value: Any, wanted: Any, expected: bool) -> None:
    assert COMPARISONS[word](wanted)(value) is expected
