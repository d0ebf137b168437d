"""A list is ordered by members, in the forms that public APIs have for it."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.generic.list_order import (
    MAX_COMPARED,
    MAX_TERMS,
    MAX_TEXT,
    read_order,
    read_place,
)
from tallystick.contract.schema_shape import SchemaShape

ITEM = SchemaShape(
    {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "price": {"type": "number"},
            "created_at": {"type": "string", "format": "date-time"},
            "address": {"type": "object", "properties": {"city": {"type": "string"}}},
            "attributes": {"type": "object", "properties": {"title": {"type": "string"}}},
        },
    },
    {},
)


def order_of(query: dict[str, Any]) -> list[tuple[str, bool]] | None:
    found = read_order(query, ITEM)
    return [(term.name, term.is_descending) for term in found.terms] if found else None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"sort": "price"}, [("price", False)]),
        ({"sort": "-price,name"}, [("price", True), ("name", False)]),
        ({"sort": " price"}, [("price", False)]),
        ({"sort": "price:desc"}, [("price", True)]),
        ({"sort": "price_desc"}, [("price", True)]),
        ({"order": "price.desc,name"}, [("price", True), ("name", False)]),
        ({"sort": "price,desc"}, [("price", True)]),
        ({"sort": ["price,desc", "name"]}, [("price", True), ("name", False)]),
        ({"sort": ["price", "DESC"]}, [("price", True)]),
        ({"sort": "price,name,desc"}, [("price", True), ("name", True)]),
        ({"$orderby": "price desc, address/city"}, [("price", True), ("address/city", False)]),
        ({"order_by": "price desc"}, [("price", True)]),
        ({"sortBy": "address.city", "sortOrder": "descending"}, [("address.city", True)]),
        ({"order": "desc", "sort_by": "price"}, [("price", True)]),
        ({"sort": "created", "direction": "desc"}, [("created_at", True)]),
        ({"sort": "-title"}, [("attributes/title", True)]),
        ({"order[price]": "desc", "order[name]": "asc"}, [("price", True), ("name", False)]),
        ({"order": "desc"}, [("", True)]),
        ({"order": "asc"}, None),
        ({"sort": "price,mood"}, None),
        ({"sort": "mood", "direction": "desc"}, None),
        ({"sort": "", "direction": "up"}, None),
        ({"sort": ",".join(["price"] * MAX_TERMS)}, [("price", False)] * MAX_TERMS),
        ({"sort": ",".join(["price"] * (MAX_TERMS + 1))}, None),
        ({"sort": "price" + " " * MAX_TEXT}, None),
        ({"colour": "price"}, None),
    ],
)
def test_an_order_is_read_as_a_whole_or_left_alone(
    query: dict[str, Any], expected: list[tuple[str, bool]] | None
) -> None:
    assert order_of(query) == expected


def sorted_by(sort: str, items: list[dict[str, Any]]) -> list[int]:
    order = read_order({"sort": sort}, ITEM)
    assert order
    keys = [order.key(order.values_of(each, str(n)), str(n)) for n, each in enumerate(items)]
    return sorted(range(len(items)), key=keys.__getitem__)


def test_equal_items_keep_their_order_and_what_lacks_a_value_is_greatest() -> None:
    items: list[dict[str, Any]] = [{"price": 2}, {"price": None}, {"price": 1}, {"price": 2.0}, {}]
    assert sorted_by("price", items) == [2, 0, 3, 1, 4]
    assert sorted_by("-price", items) == [1, 4, 0, 3, 2]


def test_values_of_any_kind_have_an_order() -> None:
    values = ["10", 9, True, ["b", "a"], {"city": 1}, 10**400, -1.5]
    items = [{"price": value} for value in values]
    assert sorted_by("price", items) == [2, 6, 1, 5, 0, 3, 4]


def test_times_are_ordered_as_times() -> None:
    times = ["2026-01-01T12:00:00+02:00", "2026-01-01T11:00:00Z", "2026-01-01T09:00:00.5Z"]
    assert sorted_by("created", [{"created_at": each} for each in times]) == [2, 0, 1]


def test_a_place_is_read_as_it_was_written_and_a_forged_one_is_none() -> None:
    order = read_order({"sort": "-price,name"}, ITEM)
    assert order
    values = order.values_of({"price": 1.5, "name": "x" * 999}, "p")
    assert values == [1.5, "x" * MAX_COMPARED]
    read = read_place(order.write_place(values), ITEM)
    assert read
    assert read[0].key(read[1], "p") == order.key(values, "p")
    forged = [
        b"",
        b"1",
        b"[[],[1]]",
        b'[[["mood",true]],[1]]',
        b'[[["price",true]],[[1]]]',
        b"[1,2]",
    ]
    assert [read_place(text, ITEM) for text in forged] == [None] * len(forged)
