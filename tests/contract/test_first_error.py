"""Telling the faults of a value costs a bounded number of steps and bytes, whatever its schema."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.contract.first_error import FirstErrors
from tallystick.contract.schema import MAX_ERROR_BYTES, MAX_JUDGED, Schema, to_json_schema
from tallystick.contract.validators import compile_schema

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
LARGE = [0] * (MAX_JUDGED + 1)


def nested(levels: int, value: Any = 1, keyword: str = "") -> Any:
    """A value so many levels down; a number, if none is given, where none may be."""
    for _ in range(levels):
        value = [value] if keyword == "items" else {"in": value}
    return value


@pytest.mark.parametrize("keyword", RECURSIVE)
def test_a_fault_many_levels_down_is_told_at_its_place_or_the_first_of_many_forms(
    keyword: str,
) -> None:
    schema = Schema(NODE, {"Node": RECURSIVE[keyword]})
    [violation] = schema.violations(nested(60, keyword=keyword))
    of_forms = next((name for name in ("anyOf", "oneOf") if name in RECURSIVE[keyword]), None)
    expected = ((), of_forms) if of_forms else (("in",) * 60, "type")
    assert (violation.path, violation.keyword) == expected


def test_many_forms_have_their_code() -> None:
    forms = {**RECURSIVE["anyOf"], "x-error-codes": {"anyOf": "C1"}}
    schema = Schema({"properties": {"rule": NODE}}, {"Node": forms})
    [violation] = schema.violations({"more": LARGE, "rule": nested(60)})
    assert (violation.path, violation.code) == (("rule",), "C1")


def test_so_have_those_of_a_chain_of_definitions_that_ends() -> None:
    chain: dict[str, Any] = {"N60": {"type": "string"}}
    for number in range(60):
        below = {"properties": {"in": {"$ref": f"#/$defs/N{number + 1}"}}}
        chain[f"N{number}"] = {"oneOf": [{**below, "required": [name]} for name in "abc"]}
    [violation] = Schema({"$ref": "#/$defs/N0"}, chain).violations(nested(60))
    assert (violation.path, violation.keyword) == ((), "oneOf")


def test_a_fault_is_found_beside_many_parts_that_are_judged_twice() -> None:
    below = {"properties": {"in": NODE, "end": {"type": "null"}}}
    schema = Schema(NODE, {"Node": {"allOf": [below, below]}})
    [violation] = schema.violations(nested(60, {"in": nested(60, {}), "end": 1}))
    assert violation.path == (*["in"] * 60, "end")


def test_a_fault_in_a_large_tree_is_told_at_its_place_with_its_code() -> None:
    text = {"type": "string", "x-error-codes": {"type": "C1", "required": "C2"}}
    replies = {"type": "array", "items": NODE}
    tree = {"required": ["text"], "properties": {"text": text, "replies": replies}}
    schema = Schema(NODE, {"Node": tree})
    good = [{"text": "a"}] * (MAX_JUDGED + 1)
    [wrong] = schema.violations({"text": "a", "replies": [*good, {"text": 1}]})
    assert (wrong.path, wrong.code) == (("replies", len(good), "text"), "C1")
    [missing] = schema.violations({"replies": good})
    assert (missing.path, missing.code) == (("text",), "C2")


def test_a_fault_of_one_of_few_forms_in_a_large_list_is_told_at_its_place() -> None:
    form = {"type": "object", "properties": {"a": {"type": "string"}}}
    schema = Schema({"type": "array", "items": {"anyOf": [form, {"type": "null"}]}}, {})
    [violation] = schema.violations([*[None] * (MAX_JUDGED + 1), {"a": 1}])
    assert (violation.path, violation.keyword) == ((MAX_JUDGED + 1, "a"), "type")


def test_a_name_in_a_large_object_of_a_definition_has_its_code() -> None:
    named = {"propertyNames": {"pattern": "^[im]"}, "x-error-codes": {"propertyNames": "C1"}}
    schema = Schema(NODE, {"Node": {**OBJECT, **named}})
    [violation] = schema.violations(nested(3, {"more": LARGE, "x": 1}))
    assert (violation.path, violation.code) == (("in", "in", "in", "x"), "C1")


def test_what_a_form_knows_is_known_beside_it_too() -> None:
    known = {"anyOf": [{"properties": {"a": {}}, "required": ["a"]}]}
    schema = Schema({"allOf": [NODE], "unevaluatedProperties": False}, {"Node": known})
    [violation] = schema.violations({"a": LARGE, "b": 1})
    assert (violation.path, violation.keyword) == (("b",), "unevaluatedProperties")


@pytest.mark.parametrize("limit", [0, MAX_ERROR_BYTES])
@pytest.mark.parametrize(("name", "reference"), [("A", "A"), ("a/b~c%d", "a~1b~0c%25d")])
@pytest.mark.parametrize("keyword", RECURSIVE)
def test_a_value_has_a_first_error_where_it_is_invalid(
    keyword: str, name: str, reference: str, limit: int
) -> None:
    schema = {"allOf": [NODE], "not": {"const": []}}
    definitions = {"Node": {"$ref": f"#/$defs/{reference}"}, name: RECURSIVE[keyword]}
    rules = compile_schema(schema, definitions).rules
    found = FirstErrors(schema, definitions, limit)
    values: list[Any] = ["a", 1, [], {}, [[]], [[1]], {"in": "a", "or": 1}, nested(2, {"and": 1})]
    for value in values:
        assert bool(found.of(value)) is not rules.is_valid(value)


@pytest.mark.parametrize("levels", [0, 14, 60])
def test_a_discriminator_s_forms_are_told_briefly_too(levels: int) -> None:
    forms = [{**OBJECT, "required": ["kind", name]} for name in ("and", "or")]
    names = {"propertyName": "kind", "mapping": {"and": "#/$defs/And", "or": "#/$defs/Or"}}
    node = {"oneOf": [{"$ref": "#/$defs/And"}, {"$ref": "#/$defs/Or"}], "discriminator": names}
    written = {"Node": node, "And": forms[0], "Or": forms[1]}
    definitions = {name: to_json_schema(each) for name, each in written.items()}
    value: Any = {"kind": "and", "text": "x" * MAX_ERROR_BYTES}
    for _ in range(levels):
        value = {"kind": "or", "or": 1, "in": value}
    [violation] = Schema(NODE, definitions).violations(value)
    assert (violation.path, violation.keyword) == ((), "anyOf")  # which a told oneOf becomes
