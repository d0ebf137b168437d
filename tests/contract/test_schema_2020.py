"""Schemas of OpenAPI 3.1 are judged as JSON Schema 2020-12, every keyword with a plain message."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.contract.document import ContractError
from tallystick.contract.schema import Schema, to_json_schema

DIALECT = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
NAME = {**DIALECT, "type": "string", "minLength": 3, "x-error-codes": {"minLength": "N1"}}
CODES = {"x-error-codes": {"dependentRequired": "D1", "unevaluatedProperties": "U1"}}


def schema(written: dict[str, Any]) -> Schema:
    return Schema(to_json_schema({**DIALECT, **written}), {"crm.Name": to_json_schema(NAME)})


def broken(written: dict[str, Any], value: Any) -> list[tuple[Any, str, str | None, str]]:
    found = schema(written)
    assert not found.is_valid(value)
    return [(v.path, v.keyword, v.code, v.message) for v in found.violations(value)]


@pytest.mark.parametrize(
    ("written", "value", "path", "keyword", "message"),
    [
        ({"const": {"a": 1}}, 2, (), "const", 'must be {"a":1}'),
        ({"enum": [True, "x"]}, 2, (), "enum", "must be one of true, x"),
        ({"type": ["string", "null"]}, 2, (), "type", "must be a string or null"),
        ({"exclusiveMinimum": 2}, 2, (), "exclusiveMinimum", "must be more than 2"),
        ({"prefixItems": [{"type": "string"}]}, [1], (0,), "type", "must be a string"),
        ({"prefixItems": [{}], "items": False}, [1, 2], (1,), "items", "is one item too many"),
        ({"contains": {"const": 1}}, [2], (), "contains", "must have an item of the declared kind"),
        (
            {"contains": {"const": 1}, "minContains": 2},
            [1],
            (),
            "minContains",
            "must have at least 2 items of the declared kind",
        ),
        (
            {"contains": {"const": 1}, "maxContains": 1},
            [1, 1],
            (),
            "maxContains",
            "must have at most 1 item of the declared kind",
        ),
        ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"a": 1}, ("b",), "required",
         "is missing"),
        ({"if": {"required": ["a"]}, "then": False}, {"a": 1}, (), "then", "is not allowed here"),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, ("b",), "dependentRequired", "is missing"),
        ({"dependentSchemas": {"a": {"required": ["b"]}}}, {"a": 1}, ("b",), "required",
         "is missing"),
        ({"patternProperties": {"^a": {"type": "null"}}}, {"a": 1}, ("a",), "type", "must be null"),
        ({"properties": {"a": False}}, {"a": 1}, ("a",), "falseSchema", "is not allowed here"),
        ({"properties": {"0": {"type": "null"}}}, {"0": 1}, ("0",), "type", "must be null"),
        ({"propertyNames": False}, {"a": 1}, (), "propertyNames", "is not an allowed name"),
        ({"unevaluatedProperties": False}, {"a": 1}, ("a",), "unevaluatedProperties",
         "is not known here"),
        ({"unevaluatedItems": False}, [1], (), "unevaluatedItems",
         "has more items than are known here"),
        ({"not": {}}, 1, (), "not", "has a form that is not allowed"),
        ({"oneOf": [{}, {}]}, 1, (), "oneOf", "must have exactly one of the declared forms"),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, 1, (), "anyOf",
         "must have one of the declared forms"),
        ({"type": "integer", "format": "int32"}, 2**31, (), "maximum",
         "must be at most 2147483647"),
    ],
)  # fmt: skip
def test_a_broken_keyword_is_told_with_its_place_in_plain_words(
    written: dict[str, Any], value: Any, path: Any, keyword: str, message: str
) -> None:
    assert broken(written, value) == [(path, keyword, None, message)]


def test_a_code_stands_beside_its_keyword() -> None:
    written = {**CODES, "dependentRequired": {"a": ["b"]}, "unevaluatedProperties": False}
    found = [(path, code) for path, _, code, _ in broken(written, {"a": 1})]
    assert found == [(("a",), "U1"), (("b",), "D1")]


def test_a_name_has_the_code_of_its_object_where_its_rule_stands_elsewhere() -> None:
    written = {
        "propertyNames": {"$ref": "#/components/schemas/crm.Name"},
        "x-error-codes": {"propertyNames": "N2"},
    }
    assert [found[:3] for found in broken(written, {"a": 1})] == [(("a",), "propertyNames", "N2")]


def test_a_reference_is_followed_with_what_stands_beside_it() -> None:
    written = {"$ref": "#/components/schemas/crm.Name", "maxLength": 4}
    assert schema(written).is_valid("abc")
    assert [found[:3] for found in broken(written, "a")] == [((), "minLength", "N1")]
    assert [found[:3] for found in broken(written, "abcde")] == [((), "maxLength", None)]


def test_a_reference_within_a_value_is_a_value() -> None:
    value = {"$ref": "#/components/schemas/crm.Name"}
    assert schema({"const": value}).is_valid(value)
    assert schema({"enum": [value]}).is_valid(value)


FORMS = {
    "oneOf": [
        {"type": "null"},
        {"required": ["kind"], "properties": {"kind": {"const": "a"}, "n": {"type": "integer"}}},
        {"required": ["kind"], "properties": {"kind": {"const": "b"}, "n": {"type": "string"}}},
    ]
}


def test_what_is_wrong_is_told_by_the_form_that_was_meant() -> None:
    assert [found[:2] for found in broken(FORMS, {"kind": "b", "n": 1})] == [(("n",), "type")]
    optional = {"anyOf": [{"type": "object", "required": ["a"]}, {"type": "null"}]}
    assert [found[:2] for found in broken(optional, {})] == [(("a",), "required")]


def test_the_code_of_a_choice_is_said_instead_of_its_forms() -> None:
    written = {**FORMS, "x-error-codes": {"oneOf": "F1"}}
    assert [found[:3] for found in broken(written, {"kind": "b", "n": 1})] == [((), "oneOf", "F1")]


def test_values_come_in_the_order_of_all_schemas_that_judge_them() -> None:
    part = {"required": ["b"], "properties": {"b": {}}}
    written = {"properties": {"z": {"type": "null"}}, "allOf": [part, {"required": ["a", "y"]}]}
    assert [found[0] for found in broken(written, {"z": 1})] == [("z",), ("b",), ("a",), ("y",)]


def test_a_whole_number_may_be_written_with_a_point() -> None:
    assert schema({"type": "integer"}).is_valid(1.0)


def test_a_boolean_schema_accepts_all_or_nothing() -> None:
    assert schema({}).accepts_all
    assert not schema({"not": {}}).is_valid(1)


def test_a_schema_that_refers_to_itself_judges_at_every_depth() -> None:
    node = {**DIALECT, "properties": {"next": {"$ref": "#/components/schemas/N"}}, "type": "object"}
    found = Schema(to_json_schema(node), {"N": to_json_schema(node)})
    assert [v.path for v in found.violations({"next": {"next": 1}})] == [("next", "next")]


@pytest.mark.parametrize(
    "written", [{"pattern": "["}, {"type": "strin"}, {"$ref": "#/components/schemas/None"}]
)
def test_a_schema_that_is_none_is_no_contract(written: dict[str, Any]) -> None:
    with pytest.raises(ContractError, match="a schema can't be used"):
        schema(written)


@pytest.mark.parametrize(
    ("format_", "good", "bad"),
    [
        ("date-time", "2026-01-02T03:04:05Z", "2026-01-02 25:00"),
        ("date", "2026-01-02", "2026-02-30"),
        ("time", "03:04:05Z", "3 o'clock"),
        ("duration", "P1D", "one day"),
        ("email", "a@b.org", "a b"),
        ("uuid", "019aa5b1-6d00-7c2e-8d1f-3b0a5f7c9e21", "019aa5b1"),
        ("uri", "https://a.org/b", "no uri"),
        ("ipv4", "127.0.0.1", "127.0.0.256"),
        ("ipv6", "::1", "::g"),
        ("hostname", "a.example.org", "-a-"),
        ("byte", "YWI=", "YWI"),
    ],
)
@pytest.mark.parametrize("dialect", [{}, DIALECT])
def test_a_format_is_checked(format_: str, good: str, bad: str, dialect: dict[str, str]) -> None:
    found = Schema(to_json_schema({**dialect, "type": "string", "format": format_}), {})
    assert found.is_valid(good)
    assert [v.message for v in found.violations(bad)] == [f"must be a valid {format_}"]


@pytest.mark.parametrize("dialect", [{}, DIALECT])
def test_a_discriminator_tells_forms_apart_that_one_value_keeps(dialect: dict[str, str]) -> None:
    form = {"type": "object", "properties": {"kind": {"type": "string"}}}
    forms = {**dialect, "oneOf": [form, {**form, "required": ["kind"]}]}
    told = {**forms, "discriminator": {"propertyName": "kind"}}
    assert not Schema(to_json_schema(forms), {}).is_valid({"kind": "a"})
    assert Schema(to_json_schema(told), {}).is_valid({"kind": "a"})


PETS = {
    "Cat": {"required": ["kind"], "properties": {"lives": {"type": "integer", "maximum": 9}}},
    "crm.Dog": {"required": ["kind"], "properties": {"lives": {"type": "string"}}},
}
OF_PETS = {
    "oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in PETS],
    "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat"}},
}


@pytest.mark.parametrize("dialect", [{}, DIALECT])
@pytest.mark.parametrize("choice", ["oneOf", "anyOf"])
@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"kind": "cat", "lives": 10}, [(("lives",), "maximum", None)]),
        ({"kind": "Dog", "lives": 10}, [(("lives",), "type", None)]),
        ({"lives": 10}, [(("kind",), "required", None)]),
        ({"kind": "cow", "lives": 10}, [((), "anyOf", None)]),
        ({"kind": ["cat"], "lives": 10}, [((), "anyOf", None)]),
    ],
)
def test_what_is_wrong_is_told_by_the_form_that_a_discriminator_names(
    value: Any, told: list[Any], choice: str, dialect: dict[str, str]
) -> None:
    forms = {**dialect, choice: OF_PETS["oneOf"], "discriminator": OF_PETS["discriminator"]}
    found = Schema(to_json_schema(forms), {name: to_json_schema(s) for name, s in PETS.items()})
    assert [(v.path, v.keyword, v.code) for v in found.violations(value)] == told


@pytest.mark.parametrize("dialect", [{}, DIALECT])
def test_a_choice_with_a_discriminator_has_its_code(dialect: dict[str, str]) -> None:
    forms = {**dialect, **OF_PETS, "x-error-codes": {"oneOf": "F1"}}
    found = Schema(to_json_schema(forms), {name: to_json_schema(s) for name, s in PETS.items()})
    assert [v.code for v in found.violations({"kind": "cat", "lives": 10})] == ["F1"]


def test_a_member_may_be_called_as_a_reference_is() -> None:
    member = {"type": "string", "x-error-codes": {"type": "C1"}}
    definitions = {"A": {"properties": {"$ref": member}}}
    for schema in (definitions["A"], {"$ref": "#/$defs/A"}):
        [violation] = Schema(schema, definitions).violations({"$ref": 1})
        assert (violation.path, violation.code) == (("$ref",), "C1")
