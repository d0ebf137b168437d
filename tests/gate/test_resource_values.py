"""Each value that a contract allows is shown as it was sent, up to the edges."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.albums import SONGS, judged
from tallystick.gate.resource_values import least_value, most_value


@pytest.mark.parametrize(
    "fault",
    [
        "one space",
        "other letters",
        "letters of 16 bits",
        "79 letters",
        "no empty list",
        "no empty text",
        "numbers of 32 bits",
        "numbers of 52 bits",
        "no sign",
        "always live",
        "null is a text",
    ],
)
def test_a_server_that_changes_a_value_fails(fault: str, tmp_path: Path) -> None:
    assert judged(tmp_path, fault)[SONGS] != []


def test_a_server_may_refuse_the_edges_by_a_status_that_is_declared(tmp_path: Path) -> None:
    assert judged(tmp_path, "a rule of its own")[SONGS] == []


@pytest.mark.parametrize(
    ("value", "schema", "least", "most"),
    [
        (3, {"type": "integer"}, -1, 2**53 - 1),
        (3, {"type": "integer", "minimum": 0, "format": "int32"}, 0, 2**31 - 1),
        (3, {"type": "integer", "minimum": 1, "maximum": 9}, 1, 9),
        (3, {"type": "integer", "multipleOf": 3}, None, None),
        ("Ada", {"type": "string"}, "", None),
        ("Ada", {"type": "string", "minLength": 2, "maxLength": 5}, "Ad", "AdaéA"),
        ("EUR", {"type": "string", "maxLength": 5}, None, None),
        ("Ada", {"type": "string", "pattern": "^A"}, None, None),
        (True, {"type": "boolean"}, False, True),
        (True, {"type": "boolean", "enum": [True]}, None, None),
        ([1], {"type": "array"}, None, None),
    ],
)
def test_the_edges_are_those_of_the_schema(
    value: object, schema: dict[str, object], least: object, most: object
) -> None:
    assert least_value("x", value, schema, is_required=False) == least
    assert most_value("x", value, schema) == most


def test_a_number_of_another_thing_has_no_edges() -> None:
    for name in ("id", "shop_id", "shopId", "shopID"):
        assert most_value(name, 3, {"type": "integer"}) is None
    assert most_value("paid", 3, {"type": "integer"}) == 2**53 - 1


def test_a_required_text_is_empty_only_where_the_schema_says_so() -> None:
    assert least_value("x", "Ada", {"type": "string"}, is_required=True) is None
    assert least_value("x", "Ada", {"type": "string", "minLength": 0}, is_required=True) == ""
