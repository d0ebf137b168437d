"""Telling the faults of a value costs a bounded number of steps, whatever its schema is."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.contract.error_cost import has_more_judgements, is_recursive
from tallystick.contract.schema import MAX_JUDGED, Schema

NODE: dict[str, Any] = {"$ref": "#/$defs/Node"}
OBJECT: dict[str, Any] = {"type": "object", "properties": {"in": NODE}}
FORMS = [{**OBJECT, "required": ["in", name]} for name in ("and", "or", "not")]
RECURSIVE: dict[str, Any] = {
    "anyOf": {"anyOf": [*FORMS, {"type": "string"}]},
    "oneOf": {"oneOf": [*FORMS, {"type": "string"}]},
    "allOf": {"allOf": [OBJECT, OBJECT]},
    "if": {"if": OBJECT, "then": OBJECT, "else": OBJECT},
    "unevaluatedProperties": {"allOf": [OBJECT, OBJECT], "unevaluatedProperties": False},
    "items": {"anyOf": [{"type": "array", "items": NODE}, {"type": "array", "items": NODE}]},
    "additionalProperties": {"anyOf": [{"additionalProperties": NODE, "type": "object"}] * 3},
    "patternProperties": {"anyOf": [{"patternProperties": {"^i": NODE}, "type": "object"}] * 3},
}


def nested(levels: int, keyword: str = "") -> Any:
    """A value of so many levels, with a number where none may be."""
    value: Any = 1
    for _ in range(levels):
        value = [value] if keyword == "items" else {"in": value}
    return value


@pytest.mark.parametrize("keyword", RECURSIVE)
def test_a_fault_many_levels_deep_in_a_recursive_schema_is_one_violation(keyword: str) -> None:
    schema = Schema(NODE, {"Node": RECURSIVE[keyword]})
    [violation] = schema.violations(nested(60, keyword))
    assert violation.message == "breaks a rule within its many forms"


def test_so_is_one_beside_many_other_parts() -> None:
    schema = Schema({"type": "array", "items": NODE}, {"Node": RECURSIVE["anyOf"]})
    [violation] = schema.violations([*["text"] * (MAX_JUDGED + 1), nested(60)])
    assert violation.message == "breaks a rule within its many forms"


def test_a_fault_some_levels_deep_is_told_at_its_place() -> None:
    schema = Schema(NODE, {"Node": {"allOf": [OBJECT, {"maxProperties": 5}]}})
    [violation] = schema.violations(nested(60))
    assert violation.path == ("in",) * 60


def test_a_large_value_of_a_schema_that_ends_has_its_first_fault_told() -> None:
    schema = Schema({"type": "array", "items": {"type": "string"}}, {})
    [violation] = schema.violations([*["text"] * (MAX_JUDGED + 1), 1])
    assert violation.path == (MAX_JUDGED + 1,)


def test_each_part_counts_once_for_each_schema_that_judges_it() -> None:
    schema: Any = {"allOf": [{"properties": {"in": {}}}, {"properties": {"in": {"type": "null"}}}]}
    assert has_more_judgements(schema, {"in": 1}, {}, limit=4)
    assert not has_more_judgements(schema, {"in": 1}, {}, limit=5)


def test_a_list_has_the_schemas_of_its_first_items_and_of_the_others() -> None:
    schema: Any = {"prefixItems": [{"allOf": [{}, {}]}], "items": {}}
    assert has_more_judgements(schema, [1, 2], {}, limit=4)
    assert not has_more_judgements(schema, [1, 2], {}, limit=5)


def test_a_schema_is_recursive_also_by_way_of_others() -> None:
    chain: Any = {"A": {"items": {"$ref": "#/$defs/B"}}, "B": {"not": {"$ref": "#/$defs/A"}}}
    assert is_recursive({"$ref": "#/$defs/B"}, chain)
    assert not is_recursive({"$ref": "#/$defs/B"}, chain | {"A": {}})
