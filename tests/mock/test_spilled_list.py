"""Values outgrow the memory and stay the same."""

from __future__ import annotations

import pytest

from tallystick.mock.request_view import ABSENT
from tallystick.mock.spilled_list import SpilledList


def test_values_are_read_back_in_any_order() -> None:
    values: SpilledList[object] = SpilledList()
    for value in ("a", {"b": [1]}, ABSENT):
        values.append(value)

    assert (len(values), values[1], values[0]) == (3, {"b": [1]}, "a")
    assert values[2] is ABSENT
    values.append("d")
    assert values[3] == "d"
    values.clear()


def test_a_cleared_list_is_empty_and_takes_values_again() -> None:
    values: SpilledList[str] = SpilledList()
    values.append("a")
    values.clear()

    assert (len(values), values.size) == (0, 0)
    with pytest.raises(IndexError):
        values[0]
    values.append("b")
    assert values[0] == "b"
    values.clear()
