"""A schema names the first rule that each value breaks, with the contract's own code."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.contract.document import parse_yaml
from tallystick.contract.schema import MAX_JUDGED, MAX_VIOLATIONS, Schema, to_json_schema

DEFINITIONS = parse_yaml(
    b"""
Name:
  type: string
  minLength: 3
  pattern: '^[a-z]+$'
  x-error-codes: {required: N0, type: N1, minLength: N2, pattern: N3}
Tags:
  type: object
  maxProperties: 2
  x-property-names: '^t_[a-z]+$'
  additionalProperties: {type: string, x-error-codes: {type: T1}}
  x-error-codes: {propertyNames: T0, maxProperties: T9}
Thing:
  type: object
  required: [name, other]
  properties:
    other: {$ref: '#/components/schemas/Name'}
    name: {$ref: '#/components/schemas/Name'}
    note: {type: string, nullable: true, enum: [a, b]}
    count: {type: integer, format: int32, minimum: 0, exclusiveMinimum: true}
    list: {type: array, items: {$ref: '#/components/schemas/Name'}}
  x-gathered: {t_: {$ref: '#/components/schemas/Tags'}}
"""
)
THING = Schema(
    to_json_schema({"$ref": "#/components/schemas/Thing"}),
    {name: to_json_schema(schema) for name, schema in DEFINITIONS.items()},
)
GOOD = {"name": "abc", "other": "abc"}


def broken(value: Any) -> list[tuple[tuple[str | int, ...], str, str | None]]:
    assert not THING.is_valid(value)
    return [(v.path, v.keyword, v.code) for v in THING.violations(value)]


def test_a_good_value_breaks_nothing() -> None:
    assert THING.is_valid(GOOD | {"note": None, "count": 1, "t_a": "x", "unknown": [1]})
    assert THING.violations(GOOD) == []


def test_values_come_in_the_contracts_order_each_with_its_first_rule() -> None:
    assert broken({"name": "A", "other": "B"}) == [
        (("other",), "minLength", "N2"),
        (("name",), "minLength", "N2"),
    ]


def test_a_missing_value_has_the_code_of_its_own_schema() -> None:
    assert broken({}) == [(("other",), "required", "N0"), (("name",), "required", "N0")]


def test_null_counts_as_missing_where_it_is_not_allowed() -> None:
    assert broken(GOOD | {"name": None}) == [(("name",), "required", "N0")]


def test_a_pattern_holds_for_the_whole_text() -> None:
    assert broken(GOOD | {"name": "abc\n"}) == [(("name",), "pattern", "N3")]


def test_a_pattern_is_told_in_the_words_that_the_contract_has_for_it() -> None:
    pattern = {"type": "string", "pattern": "^[0-9]+$"}
    schemas = [pattern, {**pattern, "x-pattern-words": "a number of things"}]
    told = [Schema(to_json_schema(s), {}).violations("x")[0].message for s in schemas]
    assert told == ["must match ^[0-9]+$", "must be a number of things"]


def test_lengths_count_characters_not_bytes_or_halves() -> None:
    assert broken(GOOD | {"name": "\U0001f600\U0001f600"}) == [(("name",), "minLength", "N2")]


@pytest.mark.parametrize(
    ("count", "keyword"),
    [(0, "exclusiveMinimum"), (2**31, "maximum"), ("1", "type"), (True, "type"), (1.5, "type")],
)
def test_a_number_keeps_its_format_s_range(count: object, keyword: str) -> None:
    assert broken(GOOD | {"count": count}) == [(("count",), keyword, None)]


def test_a_value_in_a_list_is_named_by_its_place() -> None:
    assert broken(GOOD | {"list": ["abc", "AB", 3]}) == [
        (("list", 1), "minLength", "N2"),
        (("list", 2), "type", "N1"),
    ]


def test_gathered_members_keep_their_own_names() -> None:
    assert broken(GOOD | {"t_b": 1, "t_": "x"}) == [
        (("t_",), "propertyNames", "T0"),
        (("t_b",), "type", "T1"),
    ]


def test_too_many_gathered_members_are_named_together() -> None:
    assert broken(GOOD | {"t_a": "", "t_b": "", "t_c": ""}) == [(("t_*",), "maxProperties", "T9")]


def test_a_message_never_repeats_the_value() -> None:
    [violation] = THING.violations(GOOD | {"note": "s3cret"})

    assert violation.message == "must be one of a, b, null"


def test_a_deep_or_odd_member_that_nobody_declared_does_not_matter() -> None:
    deep: Any = 1
    for _ in range(900):
        deep = [deep]
    assert THING.is_valid(GOOD | {"unknown": deep, "odd": "\ud800"})


def test_a_lone_surrogate_is_judged_like_any_wrong_character() -> None:
    assert broken(GOOD | {"name": "ab\ud800"}) == [(("name",), "pattern", "N3")]


def test_an_integer_is_spelled_as_one() -> None:
    schema = Schema(
        to_json_schema(
            {
                "type": "object",
                "properties": {
                    "count": {"type": "integer", "x-error-codes": {"type": "C1"}},
                    "ratio": {"type": "number", "minimum": 1},
                },
            }
        ),
        {},
    )
    assert schema.is_valid({"count": 1, "ratio": 1.0})
    assert not schema.is_valid({"count": 1.0})
    [found] = schema.violations({"count": 1.0, "ratio": 2.0})
    assert (found.path, found.keyword, found.code) == (("count",), "type", "C1")
    assert found.message == "must be an integer"


@pytest.mark.parametrize("count", [1, MAX_JUDGED // 3, 300_000])
def test_of_a_large_value_the_first_fault_is_told(count: int) -> None:
    item = {"type": "object", "required": ["a", "b"]}
    definitions = {"Item": to_json_schema(item)}
    schema = Schema(
        to_json_schema({"type": "array", "items": {"$ref": "#/components/schemas/Item"}}),
        definitions,
    )

    found = schema.violations([{}] * count)

    assert found[0].path == (0, "a")
    assert len(found) == (1 if count > MAX_JUDGED else min(2 * count, MAX_VIOLATIONS))


def test_of_a_large_value_a_misspelt_integer_is_told() -> None:
    item = {"type": "array", "items": {"type": "integer"}}
    schema = Schema(to_json_schema(item), {})
    numbers = [1] * 2 * MAX_JUDGED

    assert schema.is_valid(numbers)
    assert [found.path for found in schema.violations([*numbers, 1.0])] == [(len(numbers),)]
    assert not schema.is_valid([*numbers, 1.0])
