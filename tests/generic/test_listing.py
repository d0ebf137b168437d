"""A query selects items, and a list's answer has the envelope that the contract declares."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.generic.item_place import ItemClues
from tallystick.apis.generic.listing import (
    counts_from_zero,
    envelope,
    find_array,
    read_query,
)
from tallystick.apis.generic.resource_store import MAX_LISTED, ItemPage
from tallystick.contract.schema_shape import SchemaShape

NO_CLUES = ItemClues(frozenset())
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


def test_a_name_that_is_a_member_filters_and_another_one_does_not() -> None:
    found = read_query({"city": "Oslo", "mood": "good", "count": 3}, ITEM)
    assert [(each.place, each.wanted) for each in found.filters] == [
        (("city",), "Oslo"),
        (("count",), 3),
    ]
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


def test_an_envelope_has_the_items_and_the_counts_that_it_declares() -> None:
    shape = SchemaShape(
        {
            "type": "object",
            "properties": {
                "warnings": {"type": "array", "items": {"type": "string"}},
                "data": {"type": "array", "items": {"type": "object", "properties": {"a": {}}}},
                "total_count": {"type": "integer"},
                "page": {"type": "integer"},
                "total_pages": {"type": "integer"},
                "has_more": {"type": "boolean"},
                "next": {"type": "string"},
            },
        },
        {},
    )
    query = read_query({"limit": 2, "page": 2}, ITEM)
    page = ItemPage([{"a": 3}, {"a": 4}], has_more=True, before=2, total=5)
    array = find_array(shape, NO_CLUES)
    assert array is not None
    found = envelope(shape, array, page.items, page, query)
    assert found == {
        "data": page.items,
        "total_count": 5,
        "page": 2,
        "total_pages": 3,
        "has_more": True,
    }
    assert list(found) == [name for name in shape.properties if name in found]
    assert array.schema["properties"] == {"a": {}}


def test_an_array_is_just_the_items() -> None:
    shape = SchemaShape({"type": "array", "items": {"type": "object"}}, {})
    page = ItemPage([{"a": 1}])
    array = find_array(shape, NO_CLUES)
    assert envelope(shape, array, page.items, page, read_query({}, ITEM)) == page.items
