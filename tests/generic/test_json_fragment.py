"""The JSON of each item that a filter takes has the bytes that a database looks for."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.generic.json_fragment import json_fragment
from tallystick.apis.generic.list_query import read_query
from tallystick.contract.json_text import write_json
from tallystick.contract.schema_shape import SchemaShape

SHAPE = SchemaShape({"type": "object", "properties": {"a": {}}}, {})
VALUES = [
    *(
        "",
        "a",
        "A b/c'%_",
        'say "x"',
        "back\\slash",
        "line\n",
        "é",
        "\ud800",
        "\x7f",
        "true",
        "None",
    ),
    *("5", "5.0", "5.5", "-5", "1e2", "1e+16", "nan", "00", "100.0", "12345678901234567890"),
    *(5, -5, 0, 5.0, 5.5, 100.0, 1e16, 1e22, 1e-7, 0.1, 10**22, 2**53, True, False),
]


@pytest.mark.parametrize("wanted", VALUES, ids=repr)
def test_an_item_that_matches_has_the_fragment_in_its_json(wanted: Any) -> None:
    matches = read_query({"a": wanted}, SHAPE).matches
    for value in VALUES:
        for item in ({"a": value}, {"a": [value, "more"]}):
            is_number_of_truth = isinstance(wanted, bool) != isinstance(value, bool)
            if matches(item) and not is_number_of_truth:
                assert json_fragment(wanted) in write_json(item)


@pytest.mark.parametrize("wanted", ["Oslo", "5.5", 5, True])
def test_a_usual_value_has_a_fragment(wanted: Any) -> None:
    assert json_fragment(wanted)


@pytest.mark.parametrize("wanted", ["", "é", "1e2", 5.5, 2**53, None, [1], {}])
def test_a_value_of_several_spellings_has_none(wanted: Any) -> None:
    assert json_fragment(wanted) == b""
