"""What the errors of a value may cost is counted before they are made."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.contract.error_cost import ERROR_BYTES, PART_BYTES, errors_cost_more

TEXT = 50_000


def cost(schema: Any, value: Any, definitions: dict[str, Any] | None = None) -> int:
    """The least limit that the value's errors keep to."""
    low, high = 0, 10 * (ERROR_BYTES + TEXT)
    while low < high:
        middle = (low + high) // 2
        more = errors_cost_more(schema, value, definitions or {}, middle)
        low, high = (middle + 1, high) if more else (low, middle)
    return low


def test_an_error_takes_the_texts_and_names_of_its_part() -> None:
    assert cost({}, 1) == ERROR_BYTES
    assert cost({}, "x" * TEXT) == ERROR_BYTES + TEXT
    assert cost({}, {"name": ["x" * TEXT]}) == ERROR_BYTES + 2 * PART_BYTES + len("name") + TEXT


def test_a_part_counts_for_each_schema_that_judges_it() -> None:
    named: dict[str, Any] = {"properties": {"in": {}}}
    value = {"in": "x" * TEXT}
    assert cost({}, value) == cost(named, value) - cost({}, value["in"])
    assert cost({"allOf": [named, named]}, value) == cost({}, value) + 2 * cost(named, value)
    definitions = {"A": named}
    assert cost({"$ref": "#/$defs/A"}, value, definitions) == cost({}, value) + cost(named, value)


def test_and_for_each_member_needed() -> None:
    assert cost({"required": ["a", "b"]}, "x" * TEXT) == 3 * cost({}, "x" * TEXT)


@pytest.mark.parametrize(
    ("schema", "value", "judged"),
    [
        ({"prefixItems": [{"allOf": [{}, {}]}], "items": {}}, [1, 2], 4),
        ({"unevaluatedItems": {}}, [1, 2], 2),
        ({"properties": {"a": {}}, "additionalProperties": {"not": {}}}, {"a": 1, "b": 1}, 2),
        ({"properties": {"a": {}}, "patternProperties": {"a": {}, "b": {}}}, {"a": 1, "c": 1}, 5),
        ({"if": {}, "then": {}, "else": {}, "dependentSchemas": {"a": {}}}, 1, 4),
        (True, [1], 0),
    ],
)
def test_items_members_and_conditions_count(schema: Any, value: Any, judged: int) -> None:
    assert cost(schema, value) == cost({}, value) + judged * ERROR_BYTES
