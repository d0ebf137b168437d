"""A text stands for the first value that its schema accepts."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.contract.shape import Shape

DEFINITIONS = {
    "Count": {"type": "integer", "maximum": 9},
    "Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}},
    "Loop": {"allOf": [{"$ref": "#/$defs/Loop"}, {"type": "integer"}]},
}
TIME = {"type": "string", "format": "date-time"}


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "integer"}, "5", 5),
        ({"type": "integer"}, "x", "x"),
        ({"type": "integer"}, "5.0", "5.0"),
        ({"type": "number"}, "5e2", 500.0),
        ({"type": "integer"}, "9" * 33, int("9" * 33)),
        ({"type": "number"}, "1" + "0" * 33, 1e33),
        ({"type": "boolean"}, "true", True),
        ({"type": "string"}, "5", "5"),
        ({"type": ["string", "integer"]}, "5", 5),
        ({"type": ["string", "integer"]}, "x", "x"),
        ({"type": ["string", "null"]}, "null", "null"),
        ({"type": ["integer", "null"]}, "null", None),
        ({"type": ["integer", "null"]}, "", None),
        ({"anyOf": [{"$ref": "#/$defs/Count"}, {"type": "string", "minLength": 2}]}, "5", 5),
        ({"anyOf": [{"$ref": "#/$defs/Count"}, {"type": "string", "minLength": 2}]}, "50", "50"),
        ({"allOf": [{"$ref": "#/$defs/Count"}, {"minimum": 3}]}, "1", 1),
        ({"$ref": "#/$defs/Loop"}, "7", 7),
        ({"enum": [1, 2]}, "1", 1),
        ({"enum": [True]}, "true", True),
        ({}, "1", "1"),
        (TIME, "2026-01-31T08:00:00 01:00", "2026-01-31T08:00:00+01:00"),
        (
            {"anyOf": [TIME, {"type": "null"}]},
            "2026-01-31t08:00:00.5 01:00",
            "2026-01-31t08:00:00.5+01:00",
        ),
        ({"type": "string", "format": "time"}, "08:00:00 01:00", "08:00:00+01:00"),
        (TIME, "2026-01-31 08:00", "2026-01-31 08:00"),
        ({"anyOf": [TIME, {"type": "string"}]}, "at 8 01:00", "at 8 01:00"),
    ],
)
def test_the_value_is_the_first_that_is_accepted(
    schema: dict[str, Any], text: str, value: Any
) -> None:
    found = Shape(schema, DEFINITIONS).of_query.read_text(text)
    assert found == value
    assert type(found) is type(value)


def test_a_space_in_a_time_is_a_plus_in_a_query_alone() -> None:
    times = Shape({"type": "array", "items": TIME}, {})
    sent = ["2026-01-31T08:00:00 01:00"]
    assert times.read_items(sent) == sent
    assert times.of_query.read_items(sent) == ["2026-01-31T08:00:00+01:00"]


def test_a_shape_knows_its_items_and_members() -> None:
    pair = {"prefixItems": [{"type": "integer"}], "items": {"type": "boolean"}, "type": "array"}
    assert Shape(pair, {}).read_items(["1", "true", "false"]) == [1, True, False]
    thing = {
        "properties": {"a": {"type": "integer"}},
        "allOf": [{"additionalProperties": {"type": "boolean"}}],
    }
    assert Shape(thing, {}).read_members({"a": "1", "b": "true"}) == {"a": 1, "b": True}


def test_a_shape_that_holds_itself_is_followed_as_far_as_the_value_goes() -> None:
    node = Shape({"$ref": "#/$defs/Node"}, DEFINITIONS)
    assert node.member("next").member("next").is_object
    assert not node.is_scalar


def test_a_boolean_schema_of_a_member_takes_any_text() -> None:
    assert Shape({"properties": {"a": True, "b": False}}, {}).read_members({"a": "1"}) == {"a": "1"}
