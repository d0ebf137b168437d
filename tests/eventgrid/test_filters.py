"""Filters, as the vendor's pages describe them."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.eventgrid import filters
from tallystick.apis.eventgrid.exceptions import InvalidFilter

SOURCE = {"source": [{"op": "StringIn", "values": ["HC.OBS"]}]}
EVENT = {
    "id": "1",
    "source": "HC.OBS",
    "type": "object:put",
    "subject": "xxx.jpg",
    "data": {
        "name": "test01",
        "age": 10,
        "ok": True,
        "none": None,
        "tags": ["a", "b"],
        "in": {"n": 1},
    },
}


def condition(op: str, *values: Any) -> list[dict[str, Any]]:
    if op.startswith("Is"):
        return [{"op": op}]
    if "Than" in op:
        return [{"op": op, "value": values[0]}]
    return [{"op": op, "values": list(values)}]


def both(op: str, value: Any, other_op: str, other_value: Any) -> dict[str, Any]:
    return {"and": [condition(op, value), condition(other_op, other_value)]}


@pytest.mark.parametrize(
    ("field", "conditions", "passes"),
    [
        ("name", condition("StringIn", "x", "test01"), True),
        ("name", condition("StringIn", "test"), False),
        ("name", condition("StringNotIn", "x"), True),
        ("name", condition("StringNotIn", "test01"), False),
        ("name", condition("StringStartsWith", "te"), True),
        ("name", condition("StringNotStartsWith", "te"), False),
        ("name", condition("StringEndsWith", "01"), True),
        ("name", condition("StringNotEndsWith", "02"), True),
        ("age", condition("NumberIn", 9, 10), True),
        ("age", condition("NumberIn", 9), False),
        ("age", condition("NumberNotIn", 9), True),
        ("age", condition("NumberLessThan", 10), False),
        ("age", condition("NumberNotLessThan", 10), True),
        ("age", condition("NumberGreaterThan", 9.5), True),
        ("age", condition("NumberNotGreaterThan", 9.5), False),
        ("age", condition("NumberInRange", [1, 5], [8, 20]), True),
        ("age", condition("NumberInRange", [10, 10]), True),
        ("age", condition("NumberInRange", [1, 10]), True),
        ("age", condition("NumberInRange", [1, 5], [10.5, 20]), False),
        ("age", condition("NumberNotInRange", [1, 5], [8, 20]), False),
        ("age", condition("NumberNotInRange", [1, 5]), True),
        ("name", condition("NumberNotInRange", [1, 5]), False),
        ("missing", condition("NumberNotInRange", [1, 5]), False),
        ("ok", condition("IsTrue"), True),
        ("age", condition("IsTrue"), False),
        ("age", condition("IsNotTrue"), True),
        ("none", condition("IsNull"), True),
        ("missing", condition("IsNull"), True),
        ("name", condition("IsNotNull"), True),
        ("missing", condition("IsNotNull"), False),
        ("missing", condition("StringNotIn", "x"), False),
        ("age", condition("StringIn", "10"), False),
        ("ok", condition("NumberIn", 1), False),
        ("tags", condition("StringIn", "b"), True),
        ("tags", condition("StringIn", "c"), False),
        ("name", condition("StringIn", "x") + condition("StringStartsWith", "t"), True),
        ("in", {"n": condition("NumberIn", 1)}, True),
        ("in", {"n": {"deeper": condition("IsNotNull")}}, False),
        ("name", {"n": condition("IsNotNull")}, False),
        ("name", both("StringStartsWith", "te", "StringEndsWith", "01"), True),
        ("name", both("StringStartsWith", "te", "StringEndsWith", "02"), False),
        ("age", both("NumberGreaterThan", 1, "NumberLessThan", 11), True),
        ("age", both("NumberGreaterThan", 1, "NumberLessThan", 10), False),
        ("missing", both("IsNull", None, "IsNotNull", None), False),
        ("tags", both("StringIn", "a", "StringIn", "b"), True),
        ("in", {"n": both("NumberIn", 1, "IsNotNull", None)}, True),
        ("and", condition("IsNull"), True),
    ],
)
def test_a_condition_on_data(field: str, conditions: Any, passes: bool) -> None:
    filter_ = {**SOURCE, "data": {field: conditions}}
    filters.refuse_unreadable(filter_)
    assert filters.matches(filter_, EVENT) is passes


def test_all_fields_must_hold() -> None:
    type_, subject = condition("StringIn", "object:put"), condition("StringEndsWith", ".png")
    assert filters.matches({**SOURCE, "type": type_}, EVENT)
    assert not filters.matches({**SOURCE, "type": type_, "subject": subject}, EVENT)


@pytest.mark.parametrize(
    "filter_",
    [
        {},
        {"data": {}},
        {"source": []},
        {"source": {}},
        {"source": "HC.OBS"},
        {"source": condition("StringNotIn", "x")},
        {**SOURCE, "time": condition("IsNull")},
        {**SOURCE, "type": condition("StringIn", "x") * 6},
        {**SOURCE, "type": ["x"]},
        {**SOURCE, "type": [{"op": 1}]},
        {**SOURCE, "type": [{"op": "StringIn", "values": "x"}]},
        {**SOURCE, "type": [{"op": "StringIn", "values": [1]}]},
        {**SOURCE, "type": [{"op": "NumberIn", "values": ["1"]}]},
        {**SOURCE, "type": [{"op": "NumberIn", "values": [True]}]},
        {**SOURCE, "type": [{"op": "NumberLessThan", "values": [1]}]},
        {**SOURCE, "type": [{"op": "Not"}]},
        {**SOURCE, "type": [{"op": "IsNotNotNull"}]},
        {**SOURCE, "type": [{"op": "StringInNot", "values": ["x"]}]},
        {**SOURCE, "type": [{"op": "NumberInNotRange", "values": [[1, 2]]}]},
        {**SOURCE, "type": [{"op": "NumberIn", "values": [[1, 2]]}]},
        {**SOURCE, "type": [{"op": "NumberInRange", "values": []}]},
        {**SOURCE, "type": [{"op": "NumberInRange", "values": [1, 5]}]},
        {**SOURCE, "type": [{"op": "NumberInRange", "values": [[1]]}]},
        {**SOURCE, "type": [{"op": "NumberInRange", "values": [[1, 2, 3]]}]},
        {**SOURCE, "type": [{"op": "NumberInRange", "values": [["1", "2"]]}]},
        {**SOURCE, "type": [{"op": "NumberNotInRange", "values": [[1, True]]}]},
        {**SOURCE, "type": [{"op": "NumberNotInRange", "values": [[5, 1]]}]},
        {**SOURCE, "type": [{"op": "NumberInRange", "value": [1, 5]}]},
        {**SOURCE, "type": {"and": []}},
        {**SOURCE, "type": {"and": {}}},
        {**SOURCE, "type": {"and": [[]]}},
        {**SOURCE, "type": {"and": ["x"]}},
        {**SOURCE, "type": {"and": [condition("StringIn", "x")] * 6}},
        {**SOURCE, "type": {"and": [condition("StringIn", "x") * 6]}},
        {**SOURCE, "type": {"and": [{"and": [condition("StringIn", "x")]}]}},
        {**SOURCE, "type": {"and": [condition("IsNull")], "or": [condition("IsNull")]}},
        {**SOURCE, "type": {"or": [condition("IsNull")]}},
        {**SOURCE, "data": {"a": {"and": [[{"op": "Not"}]]}}},
        {"source": {"and": [condition("StringIn", "x"), condition("StringEndsWith", "x")]}},
        {**SOURCE, "data": []},
        {**SOURCE, "data": {"a": 1}},
        {**SOURCE, "data": {"a": {}}},
        {**SOURCE, "data": {str(n): condition("IsNull") for n in range(6)}},
        {**SOURCE, "data": {"1": {"2": {"3": {"4": {"5": {"6": condition("IsNull")}}}}}}},
    ],
)
def test_a_filter_that_breaks_the_rules_is_refused(filter_: dict[str, Any]) -> None:
    with pytest.raises(InvalidFilter):
        filters.refuse_unreadable(filter_)


def test_five_levels_of_data_may_be_asked_for() -> None:
    deepest = {"1": {"2": {"3": {"4": {"5": condition("IsNull")}}}}}
    filters.refuse_unreadable({**SOURCE, "data": deepest})


@pytest.mark.parametrize(
    ("subject", "passes"), [("a to z", True), ("az", True), ("a to y", False), ("b to z", False)]
)
def test_all_lists_of_a_conjunction_must_hold(subject: str, passes: bool) -> None:
    both_ends = both("StringStartsWith", "a", "StringEndsWith", "z")
    filter_ = {"source": {"and": [condition("StringIn", "HC.OBS")]}, "subject": both_ends}
    filters.refuse_unreadable(filter_)
    assert filters.matches(filter_, {**EVENT, "subject": subject}) is passes


def test_a_conjunction_has_bare_conditions_where_the_provider_writes_them_so() -> None:
    bare = [*condition("StringStartsWith", "xxx"), *condition("StringEndsWith", "jpg")]
    filter_ = {**SOURCE, "subject": {"and": bare}}
    filters.refuse_unreadable(filter_)
    assert filters.matches(filter_, EVENT)
    assert not filters.matches(filter_, {**EVENT, "subject": "xxx.png"})


def test_a_field_of_data_may_be_called_and() -> None:
    filter_ = {**SOURCE, "data": {"and": condition("NumberIn", 1)}}
    filters.refuse_unreadable(filter_)
    assert filters.matches(filter_, {**EVENT, "data": {"and": 1}})
    assert not filters.matches(filter_, EVENT)


def test_a_condition_reads_the_member_that_its_operator_has() -> None:
    stray = {"op": "NumberLessThan", "value": 11, "values": [1]}
    filter_ = {**SOURCE, "data": {"age": [stray]}}
    filters.refuse_unreadable(filter_)
    assert filters.matches(filter_, EVENT)


@pytest.mark.parametrize(
    ("filter_", "told"),
    [
        (SOURCE, []),
        (
            {"source": condition("StringIn", "A", "B"), "type": condition("IsNull")},
            [
                ("source", 'is "HC.OBS", and must fit StringIn ["A","B"]'),
                ("type", 'is "object:put", and must fit IsNull'),
            ],
        ),
        (
            {**SOURCE, "subject": both("StringStartsWith", "xxx", "StringEndsWith", "png")},
            [("subject", 'is "xxx.jpg", and must fit StringEndsWith ["png"]')],
        ),
        (
            {
                **SOURCE,
                "data": {"no": {"where": [*condition("IsTrue"), *condition("NumberLessThan", 1)]}},
            },
            [("data.no.where", "is missing, and must fit IsTrue or NumberLessThan 1")],
        ),
    ],
)
def test_a_filter_tells_what_does_not_fit(filter_: Any, told: list[tuple[str, str]]) -> None:
    found = filters.find_mismatches(filter_, EVENT)
    assert [(each.path, each.describe()) for each in found] == told


def test_a_long_value_is_told_in_short() -> None:
    [mismatch] = filters.find_mismatches(SOURCE, {"source": "x" * 9_999})
    assert len(mismatch.describe()) < 200


def test_a_filter_has_two_kilobytes_at_most() -> None:
    with pytest.raises(InvalidFilter, match="2048 bytes"):
        filters.refuse_unreadable({"source": condition("StringIn", "x" * 2048)})
