"""A list's answer has the envelope that the contract declares."""

from __future__ import annotations

from tallystick.apis.generic.item_place import ItemClues
from tallystick.apis.generic.list_query import read_query
from tallystick.apis.generic.listing import envelope, find_array
from tallystick.apis.generic.resource_store import ItemPage
from tallystick.contract.schema_shape import SchemaShape

NO_CLUES = ItemClues(frozenset())
ITEM = SchemaShape(
    {"type": "object", "properties": {"city": {}, "tags": {}, "count": {}, "paid": {}}}, {}
)


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
