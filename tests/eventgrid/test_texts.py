"""A text that no database can hold is refused with its place."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.eventgrid.exceptions import BadValue
from tallystick.apis.eventgrid.texts import MAX_DEPTH, refuse_unstorable, to_json


def nested(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


def test_integers_of_any_size_are_written() -> None:
    assert to_json({"n": 10**30, "é": []}) == '{"n":' + str(10**30) + ',"é":[]}'


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": {"b": ["x", "\x00"]}}, r"a\.b\.1 has"),
        ({"a": "\ud800"}, "a has"),
        ({"\x00": 1}, "a name has"),
    ],
)
def test_a_character_that_no_text_may_have_is_refused_with_its_place(
    value: Any, place: str
) -> None:
    with pytest.raises(BadValue, match=place):
        refuse_unstorable(value)


def test_levels_are_counted() -> None:
    refuse_unstorable(nested(MAX_DEPTH))
    with pytest.raises(BadValue, match="deeper than 50 levels"):
        refuse_unstorable(nested(MAX_DEPTH + 1))
