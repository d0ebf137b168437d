"""A query selects items by the names of its parameters."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.generic.list_filters import NO_WORDS, MemberFilter
from tallystick.apis.generic.list_query import counts_from_one, counts_from_zero, read_query
from tallystick.apis.generic.resource_store import MAX_LISTED
from tallystick.contract.schema_shape import SchemaShape

ITEM = SchemaShape(
    {"type": "object", "properties": {"city": {}, "tags": {}, "count": {}, "paid": {}}}, {}
)


@pytest.mark.parametrize(
    ("query", "limit", "offset"),
    [
        ({}, MAX_LISTED, 0),
        ({"limit": 5}, 5, 0),
        ({"per_page": 5, "page": 3}, 5, 10),
        ({"pageSize": "5", "offset": "7"}, 5, 7),
        ({"page[limit]": 5, "page[offset]": 7}, 5, 7),
        ({"limit": 10**9}, MAX_LISTED, 0),
        ({"limit": "many", "page": -1}, MAX_LISTED, 0),
    ],
)
def test_a_name_that_counts_limits(query: dict[str, Any], limit: int, offset: int) -> None:
    found = read_query(query, ITEM)
    assert (found.limit, found.offset) == (limit, offset)


@pytest.mark.parametrize(
    ("name", "keywords", "expected"),
    [
        ("page", {"default": 0}, True),
        ("page[number]", {"minimum": 0}, True),
        ("page", {"default": 1, "minimum": 0}, False),
        ("page", {"minimum": 1}, False),
        ("page", {}, False),
        ("offset", {"default": 0}, False),
    ],
)
def test_the_first_page_is_0_where_the_parameter_says_so(
    name: str, keywords: dict[str, Any], expected: bool
) -> None:
    assert counts_from_zero(name, keywords) is expected


@pytest.mark.parametrize(
    ("name", "keywords", "expected"),
    [
        ("startIndex", {"default": 1}, True),
        ("startIndex", {"minimum": 1}, True),
        ("start", {"default": 0, "minimum": 0}, False),
        ("startIndex", {}, False),
        ("page", {"default": 1}, False),
    ],
)
def test_an_offset_counts_from_1_where_the_parameter_says_so(
    name: str, keywords: dict[str, Any], expected: bool
) -> None:
    assert counts_from_one(name, keywords) is expected


@pytest.mark.parametrize(("sent", "offset"), [(0, 0), (1, 0), (3, 2), (None, 0)])
def test_an_offset_that_counts_from_1_skips_no_item(sent: int | None, offset: int) -> None:
    query = {"count": 2} if sent is None else {"startIndex": sent}
    assert read_query(query, ITEM, words=NO_WORDS._replace(first_offset=1)).offset == offset


def test_a_name_that_is_a_member_filters_and_another_one_does_not() -> None:
    found = read_query({"city": "Oslo", "mood": "good", "count": 3}, ITEM)
    assert found.filters == [MemberFilter(("city",), "Oslo"), MemberFilter(("count",), 3)]
    assert found.limit == MAX_LISTED


@pytest.mark.parametrize(
    ("query", "item", "expected"),
    [
        ({"city": "Oslo"}, {"city": "Oslo"}, True),
        ({"city": "Oslo"}, {"city": "Rome"}, False),
        ({"city": "Oslo"}, {}, False),
        ({"city": ["Oslo", "Rome"]}, {"city": "Rome"}, True),
        ({"tags": "new"}, {"tags": ["old", "new"]}, True),
        ({"count": "3"}, {"count": 3}, True),
        ({"paid": "true"}, {"paid": True}, True),
    ],
)
def test_a_filter_compares_values(
    query: dict[str, Any], item: dict[str, Any], expected: bool
) -> None:
    assert read_query(query, ITEM).matches(item) is expected
