"""Parameters are typed as the contract says, and judged together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tallystick.contract.document import ContractError
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.contract.parameters import Parameters

LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 9}}
OPEN = {"name": "is-open", "in": "query", "schema": {"type": "boolean"}}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 3}}
LEVEL = {"name": "X-Level", "in": "header", "schema": {"type": "integer", "maximum": 5}}


def parameters(*declared: Any, everything: bool = False) -> Parameters:
    return Parameters(declared, {}, {}, everything)


def test_values_are_typed_and_named_as_python_names_them() -> None:
    read = parameters(LIMIT, OPEN).read_arguments(b"limit=12&is-open=true", (), {})
    assert read == {"limit": 12, "is_open": True}


def test_a_default_stands_for_a_parameter_that_is_absent() -> None:
    assert parameters(LIMIT).read_arguments(b"", (), {}) == {"limit": 9}


@pytest.mark.parametrize("text", [b"012", b"+1", b"1.0", b"0x1", b"", b"True"])
def test_a_number_is_spelled_as_json_spells_it(text: bytes) -> None:
    with pytest.raises(Invalid):
        parameters(LIMIT).read_arguments(b"limit=" + text, (), {})


def test_a_raw_plus_of_a_time_s_offset_is_no_space() -> None:
    since = {"name": "since", "in": "query", "schema": {"type": "string", "format": "date-time"}}
    for text in (b"2026-01-31T08:00:00+01:00", b"2026-01-31T08:00:00%2B01:00"):
        read = parameters(since).read_arguments(b"since=" + text, (), {})
        assert read == {"since": "2026-01-31T08:00:00+01:00"}
    with pytest.raises(Invalid):
        parameters(since).read_arguments(b"since=2026-01-31+08:00", (), {})


TIME = {"type": "string", "format": "date-time"}


@pytest.mark.parametrize(
    "schema",
    [
        TIME,
        {"type": "array", "items": TIME},
        {"anyOf": [TIME, {"type": "integer"}]},
        {"type": "object", "additionalProperties": TIME},
    ],
)
@pytest.mark.parametrize("place", ["path", "header"])
def test_a_space_in_a_time_outside_of_a_query_is_a_space(place: str, schema: Any) -> None:
    since = {**ID, "in": place, "schema": schema, "explode": True}
    name = "at=" if schema.get("type") == "object" else ""

    def read(text: str) -> None:
        in_path, in_header = ((text,), {}) if place == "path" else ((), {b"id": text.encode()})
        parameters(since).read_arguments(b"", in_path, in_header)

    read(f"{name}2026-01-31T08:00:00+01:00")
    with pytest.raises(Invalid):
        read(f"{name}2026-01-31T08:00:00 01:00")


def test_every_violation_is_told_with_its_place() -> None:
    with pytest.raises(Invalid) as caught:
        parameters(LIMIT, ID, LEVEL).read_arguments(b"limit=a", ("long",), {b"x-level": b"6"})
    found = {(v.where, v.name, v.keyword) for v in caught.value.violations}
    assert found == {
        ("query", "limit", "type"),
        ("path", "id", "maxLength"),
        ("header", "X-Level", "maximum"),
    }


def test_a_parameter_that_is_not_declared_is_passed_only_to_who_takes_everything() -> None:
    assert parameters(LIMIT).read_arguments(b"limit=1&more=2", (), {}) == {"limit": 1}
    assert parameters(LIMIT, everything=True).read_arguments(b"limit=1&more=2", (), {}) == {
        "limit": 1,
        "more": "2",
    }


def test_an_unknown_name_is_refused_where_a_query_may_have_known_ones_only() -> None:
    strict = Parameters([LIMIT], {}, {}, everything=False, harmless={"access_token"})
    assert strict.read_arguments(b"limit=1&access_token=t", (), {}) == {"limit": 1}
    with pytest.raises(Invalid) as caught:
        strict.read_arguments(b"state=x&limit=1&" + b"y" * 200 + b"=1", (), {})
    assert [(v.where, v.name) for v in caught.value.violations] == [
        ("query", "state"),
        ("query", "y" * 100),
    ]
    with pytest.raises(Invalid):
        Parameters([], {}, {}, everything=False, harmless=()).read_arguments(b"a=1", (), {})


def test_the_last_line_of_a_header_counts_unless_it_is_an_array_s_or_an_object_s() -> None:
    many = {"name": "X-Many", "in": "header", "schema": {"type": "array", "items": {}}}
    pairs = {"name": "X-Pairs", "in": "header", "explode": True, "schema": {"type": "object"}}
    json = {"name": "X-Json", "in": "header", "content": {"application/json": {"schema": {}}}}
    names = (b"x-many", b"x-pairs", b"x-json", b"x-level", b"x-other")
    lines = [(name, value) for value in (b"a=1", b"b=2") for name in names]
    assert parameters(many, pairs, json, LEVEL).join_lines(lines) == {
        b"x-many": b"a=1,b=2",
        b"x-pairs": b"a=1,b=2",
        b"x-json": b"b=2",
        b"x-level": b"b=2",
        b"x-other": b"b=2",
    }


def test_two_parameters_of_one_name_and_place_are_no_contract() -> None:
    with pytest.raises(ContractError, match="two parameters of one name"):
        parameters(LIMIT, LIMIT)


def placed(*declared: Any, template: Sequence[str] = ()) -> Parameters:
    return Parameters(declared, {}, {}, False, template, by_place=True)


def of(where: str, name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "in": where, "schema": schema, **more}


TEXT = {"type": "string"}
NUMBERS = {"type": "array", "items": {"type": "integer"}}


def test_the_query_has_the_plain_name_and_the_path_another() -> None:
    declared = (of("path", "id", {"type": "integer"}), of("query", "id", TEXT))
    found = Parameters(declared, {}, {}, False, ["id"])
    assert found.read_arguments(b"id=a", ("7",), {}) == {"id_": "a", "id_path": 7}
    with pytest.raises(Invalid) as caught:
        found.read_arguments(b"id=a", ("x",), {})
    [violation] = caught.value.violations
    assert (violation.where, violation.name, violation.path) == ("path", "id", ("id",))


def test_everything_is_told_by_place_and_name_where_a_handler_asks_so() -> None:
    found = placed(
        of("path", "id", {"type": "integer"}),
        of("query", "id", NUMBERS),
        of("header", "X-Id", {"type": "integer", "default": 5}),
        of("cookie", "id", {"type": "integer"}),
        template=["id"],
    )
    assert found.read_arguments(b"id=1&id=2&more=3", ("7",), {b"cookie": b"id=4"}) == {
        "path": {"id": 7},
        "query": {"id": [1, 2]},
        "header": {"X-Id": 5},
        "cookie": {"id": 4},
    }


def test_values_of_a_path_have_their_templates_names_in_whatever_order_they_are_declared() -> None:
    found = placed(of("path", "b", TEXT), of("path", "a", TEXT), template=["a", "b", "c"])
    assert found.read_arguments(b"", ("1", "2", "3"), {})["path"] == {"b": "2", "a": "1", "c": "3"}


def test_headers_that_openapi_has_words_of_its_own_for_are_no_parameters() -> None:
    found = placed(of("header", "Content-Type", {"type": "integer"}, required=True))
    assert found.read_arguments(b"", (), {b"content-type": b"a"})["header"] == {}


def test_a_scalar_given_twice_is_refused_beside_an_array_too() -> None:
    with pytest.raises(Invalid, match="is given twice"):
        placed(of("query", "ids", NUMBERS), of("query", "a", TEXT)).read_arguments(
            b"ids=1&ids=2&a=1&a=2", (), {}
        )


def test_an_empty_value_is_accepted_where_the_contract_says_so() -> None:
    count = {"type": "integer", "x-error-codes": {"required": "C1", "type": "C2"}}
    found = placed(of("query", "n", count, allowEmptyValue=True, required=True))
    assert found.read_arguments(b"n", (), {})["query"] == {"n": ""}
    assert found.read_arguments(b"n=3", (), {})["query"] == {"n": 3}
    assert [(v.keyword, v.code) for v in refused(found, b"n=x")] == [("type", "C2")]
    assert [(v.keyword, v.code) for v in refused(found, b"")] == [("required", "C1")]


def refused(found: Parameters, query: bytes) -> Sequence[Violation]:
    with pytest.raises(Invalid) as caught:
        found.read_arguments(query, (), {})
    return caught.value.violations


def test_a_parameter_of_a_later_dialect_is_judged_by_it() -> None:
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    found = placed(of("query", "n", {**dialect, "type": ["integer", "null"], "const": 3}))
    assert found.read_arguments(b"n=3", (), {})["query"] == {"n": 3}
    assert [v.keyword for v in refused(found, b"n=4")] == ["const"]


def test_a_value_within_an_array_is_named_by_its_place() -> None:
    [violation] = refused(placed(of("query", "ids", NUMBERS)), b"ids=1&ids=a")
    assert (violation.where, violation.name, violation.path) == ("query", "ids", ("ids", 1))


def test_what_is_not_written_in_its_style_is_refused_with_its_place() -> None:
    found = Parameters(
        [of("path", "id", TEXT, style="matrix")], {}, {"syntax": "S1"}, False, ["id"]
    )
    with pytest.raises(Invalid) as caught:
        found.read_arguments(b"", ("7",), {})
    [violation] = caught.value.violations
    assert (violation.where, violation.name, violation.code) == ("path", "id", "S1")
