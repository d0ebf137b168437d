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
