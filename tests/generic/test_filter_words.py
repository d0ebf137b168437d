"""A list is filtered by bounds of a member and by several values, as public APIs name them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract_runtime import mocking
from tallystick.apis.generic.filter_words import read_words
from tallystick.apis.generic.list_filters import NO_WORDS, read_filters
from tallystick.apis.generic.list_query import is_read
from tallystick.contract.schema_shape import SchemaShape

TEXT = {"type": "string"}
TIME = {"type": "string", "format": "date-time"}
ITEM = SchemaShape(
    {
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "created_at": TIME,
            "updatedOn": TIME,
            "date": {"type": "string", "format": "date"},
            "price": {"type": "number"},
            "field": TEXT,
            "name": TEXT,
            "tag": {"type": "array", "items": TEXT},
            "limit": {"type": "integer"},
        },
    },
    {},
)
LISTS = SchemaShape({"properties": {"items": {"type": "integer"}}}, {})


@pytest.mark.parametrize(
    ("parameter", "member", "operator"),
    [
        ("created_after", "created_at", "gt"),  # GitLab
        ("created_at_min", "created_at", "gte"),  # Shopify
        ("createdBefore", "created_at", "lt"),
        ("updated_since", "updatedOn", "gte"),
        ("dateFrom", "date", "gte"),
        ("to_date", "date", "lte"),
        ("minPrice", "price", "gte"),
        ("price_max", "price", "lte"),
        ("ids", "id", "in"),
        ("names", "name", "in"),
    ],
)
def test_a_word_tells_a_bound_or_several_values(parameter: str, member: str, operator: str) -> None:
    assert read_words(parameter, ITEM) == (member, operator)


@pytest.mark.parametrize(
    "parameter",
    [
        "after",
        "since",
        "min",
        "min_name",
        "fields",
        "tags",
        "max_shoe",
        "priced_after",
        "s",
        "",
        "é",
    ],
)
def test_what_names_no_member_is_none(parameter: str) -> None:
    assert read_words(parameter, ITEM) is None


def test_a_word_of_pages_stays_one() -> None:
    assert read_filters({"maxItems": 5, "max_items": 3}, LISTS, NO_WORDS) == []


@pytest.mark.parametrize(
    ("query", "item", "is_taken"),
    [
        ({"ids": "1,3"}, {"id": 3}, True),
        ({"ids": "1,3"}, {"id": 2}, False),
        ({"ids": [1, 3]}, {"id": 3}, True),
        ({"filter[ids]": "1,3"}, {"id": 2}, False),
        ({"minPrice": 5}, {"price": 5}, True),
        ({"minPrice": 5}, {"price": 4.5}, False),
        ({"minPrice": 5}, {}, False),
        ({"created_after": "2026-01-02"}, {"created_at": "2026-01-02T00:00:01Z"}, True),
        ({"created_after": "2026-01-02"}, {"created_at": "2026-01-01T23:00:00Z"}, False),
    ],
)
def test_an_item_is_taken_by_it(
    query: dict[str, Any], item: dict[str, Any], is_taken: bool
) -> None:
    [found] = read_filters(query, ITEM, NO_WORDS)
    assert found.takes(item) is is_taken


@pytest.mark.parametrize("name", ["created_before", "created_at[lt]", "created_at__lt"])
def test_a_bound_that_is_none_is_left_alone(name: str) -> None:
    assert read_filters({name: "the day"}, ITEM, NO_WORDS) == []
    assert not is_read({name: "the day"}, ITEM)
    assert is_read({name: "2026-01-01"}, ITEM)


NOTES = """
openapi: 3.0.3
info: {title: Notes, version: '1'}
components:
  schemas:
    Note:
      type: object
      required: [id, price]
      properties: {id: {type: integer, readOnly: true}, price: {type: number}}
paths:
  /notes:
    get:
      parameters:
        - {name: ids, in: query, schema: {type: string}}
        - {name: min_price, in: query, schema: {type: number}}
      responses:
        '200':
          description: Them.
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Note'}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
      responses:
        '201':
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
    delete:
      parameters: [{name: ids, in: query, schema: {type: string}}]
      responses: {'204': {description: Gone.}}
  /notes/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {'200': {description: It.}}
"""


@pytest.mark.anyio
async def test_a_list_and_a_deletion_take_the_items_of_several_ids(tmp_path: Path) -> None:
    async with mocking(tmp_path, NOTES) as caller:
        made = [(await caller.call("POST", "/notes", {"price": n})).body["id"] for n in range(5)]

        async def ids(query: str) -> list[Any]:
            return [each["id"] for each in (await caller.call("GET", f"/notes{query}")).body]

        assert await ids(f"?ids={made[0]},{made[3]}") == [made[0], made[3]]
        assert await ids("?min_price=3") == made[3:]
        await caller.call("DELETE", f"/notes?ids={made[1]},{made[2]}")
        assert await ids("") == [made[0], *made[3:]]
        await caller.call("DELETE", "/notes?ids=nobody")
        assert len(await ids("")) == 3
