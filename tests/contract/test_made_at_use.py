"""A value is made when it is first asked for, and once."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.contract.made_at_use import MadeAtUse


def test_a_value_is_made_at_its_first_use_and_once() -> None:
    made: list[str] = []

    def make(value: str) -> list[str]:
        made.append(value)
        return [value]

    values = MadeAtUse({"a": "A", "b": "B"}, make)
    assert ("a" in values, "c" in values, [*values], len(values)) == (True, False, ["a", "b"], 2)
    assert made == []
    assert values["a"] == ["A"]
    assert values["a"] is values["a"]
    assert made == ["A"]


def test_an_unknown_name_is_a_key_error() -> None:
    values: Any = MadeAtUse({}, str)
    assert values.get("a") is None
    with pytest.raises(KeyError):
        values["a"]
